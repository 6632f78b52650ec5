// Judges an OpenAPI document given on standard input by the schema that the OpenAPI Initiative publishes.
import { text } from 'node:stream/consumers';
import { Validator } from '@seriousme/openapi-schema-validator';

const { valid, errors } = await new Validator().validate(JSON.parse(await text(process.stdin)));
if (!valid) {
  console.error(JSON.stringify(errors, null, 1));
  process.exitCode = 1;
}
