import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A campaign with one of everything, as its publisher would write it. */
export const CAMPAIGN_YAML = `slug: locks-and-keys
title: Locks and keys
introduction: What changed, and what it means for those who hold the keys.
covered:
  - What changed
  - What it costs
audience: [ Facility managers ]
topics: [ Access control, Housing ]
status: open
opens: 2026-01-01
closes: 2036-01-01
form:
  - { key: email, required: true }
  - { key: firstName, required: true }
  - { key: company, label: Housing association, help: Its full name }
  - { key: country, required: true }
  - { key: phone }
  - key: q.units
    type: select
    label: How many homes do you manage?
    required: true
    options:
      - { code: lt1000, label: "Fewer than 1,000" }
      - { code: gt1000, label: "1,000 or more" }
consents:
  - { key: publisher, text: Send me news. }
  - { key: acme-cloud, sponsor: acme-cloud, text: ACME Cloud may contact me. }
sponsors:
  - slug: acme-cloud
    name: ACME Cloud
    privacyUrl: https://acme-cloud.example/privacy
    contract: { cap: 200, from: 2026-01-01, to: 2036-01-01, perCompanyDomain: 4, filters: [ { field: country, in: [ GB, IE ] } ], overflow: hold }
mail: { subject: Your copy, body: Here it is. }
stamp: { preset: footer, template: "Prepared for {{name}} · {{email}} · {{ref}}" }
`;

export const ARTICLE_MD = `---
title: Who holds the keys?
author: { name: Ada Harrow, role: Editor, bio: Writes about doors. }
date: 2026-05-04
category: Access control
related: [ Housing ]
---

Keys are **old**.

<!-- promo -->

<script>alert(1)</script> [bad](javascript:alert(1)) [good](https://example.com/)
`;

const made: string[] = [];

/** A folder below the system's temporary one with these files; gone after the test file. */
export function folderWith(files: Record<string, string | Uint8Array>): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatefold-campaign-'));
  made.push(folder);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});
