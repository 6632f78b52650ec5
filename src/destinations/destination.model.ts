import { model, Schema } from 'mongoose';
import { ownedBySponsor } from '../store/owned';
import type { Destination, Message } from './destination.types';

export type DestinationRow = Omit<Destination, 'id'> & {
  _id: string;
  /** Sealed. */
  secret: string;
  /** The one before, sealed, and until when messages are signed with it too. */
  earlier?: { secret: string; until: Date };
};
export type MessageRow = Omit<Message, 'id'> & { _id: string };

const text = { type: String, required: true };
const when = { type: Date, required: true };
const mixed = Schema.Types.Mixed;
const options = { strict: 'throw', versionKey: false, minimize: false } as const;

const destinationSchema = new Schema<DestinationRow>(
  {
    _id: text,
    sponsor: text,
    name: text,
    url: text,
    campaigns: { type: [String], default: undefined },
    profile: String,
    state: text,
    reason: String,
    takenAt: Date,
    by: text,
    at: when,
    secret: text,
    earlier: mixed,
  },
  { ...options, collection: 'destinations' },
);
ownedBySponsor(destinationSchema, 'sponsor');
destinationSchema.index({ sponsor: 1 });

const messageSchema = new Schema<MessageRow>(
  {
    _id: text,
    destination: text,
    sponsor: text,
    campaign: text,
    lead: text,
    at: when,
    state: text,
    tries: { type: mixed, required: true },
  },
  { ...options, collection: 'webhookmessages' },
);
ownedBySponsor(messageSchema, 'sponsor');
// A lead is one message for each destination, however often it is passed on.
messageSchema.index({ destination: 1, lead: 1 }, { unique: true });
messageSchema.index({ destination: 1, at: -1, _id: -1 });
messageSchema.index({ destination: 1, state: 1 });

export const DestinationModel = model<DestinationRow>('Destination', destinationSchema);
export const MessageModel = model<MessageRow>('WebhookMessage', messageSchema);
