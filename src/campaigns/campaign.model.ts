import { EventEmitter } from 'node:events';
import mongoose, { Schema } from 'mongoose';
import type { Campaign, KeptPicture, Site } from './campaign.types';

/** The shapes are judged by Joi before they come here; the store only insists on the names. */
const OPTIONS = { strict: 'throw', versionKey: false, minimize: false, _id: false } as const;
const object = { type: Schema.Types.Mixed };

type CampaignRow = Omit<Campaign, 'slug'> & { _id: string; createdAt: Date; updatedAt: Date };

const campaignSchema = new Schema<CampaignRow>(
  {
    _id: String,
    address: String,
    formerAddresses: [String],
    title: String,
    introduction: String,
    covered: [String],
    audience: [String],
    topics: [String],
    body: String,
    thanks: String,
    related: [String],
    search: object,
    archived: Boolean,
    status: { type: String, enum: ['draft', 'open', 'paused', 'closed'] },
    opens: Date,
    closes: Date,
    form: object,
    consents: object,
    sponsors: [String],
    addresses: object,
    mail: object,
    confirmFirst: Boolean,
    stamp: object,
    upload: object,
    whitepaper: object,
    cover: object,
    previews: Number,
    article: object,
    revision: Number,
    createdAt: Date,
    updatedAt: Date,
  },
  { ...OPTIONS, collection: 'campaigns' },
);
campaignSchema.index({ status: 1, createdAt: -1 });
campaignSchema.index({ address: 1 }, { unique: true, sparse: true });
campaignSchema.index({ formerAddresses: 1 }, { sparse: true });

/** Emits `written` after each write of a campaign by this process. */
export const campaignNews = new EventEmitter<{ written: [] }>();
campaignSchema.post(['save', 'updateOne'], () => void campaignNews.emit('written'));

/** A text or form as it was at one version: only ever inserted. `_id` is `<campaign>/<subject>/<version>`. */
export interface VersionRow {
  _id: string;
  campaign: string;
  /** `form` or `consent.<key>`. */
  subject: string;
  version: number;
  content: unknown;
  since: Date;
  actor: string;
}

const versionSchema = new Schema<VersionRow>(
  { _id: String, campaign: String, subject: String, version: Number, content: object, since: Date, actor: String },
  { ...OPTIONS, collection: 'campaignversions' },
);
versionSchema.index({ campaign: 1, subject: 1, version: -1 }, { unique: true });

/** A compiled PDF: `_id` names source and stamp, `template` and `slots` are files. */
interface MasterRow {
  _id: string;
  template: string;
  slots: string;
  pages: number;
  bytes: number;
}

const masterSchema = new Schema<MasterRow>(
  { _id: String, template: String, slots: String, pages: Number, bytes: Number },
  { ...OPTIONS, collection: 'masters' },
);
masterSchema.index({ template: 1 });

/** What was drawn of a file: `_id` names it and the way of drawing. */
interface PictureRow {
  _id: string;
  pictures: KeptPicture[];
  pages: number;
  trouble?: string;
}

const pictureSchema = new Schema<PictureRow>(
  { _id: String, pictures: object, pages: Number, trouble: String },
  { ...OPTIONS, collection: 'pictures' },
);

const siteSchema = new Schema<{ _id: string; site: Site }>(
  { _id: String, site: object },
  { ...OPTIONS, collection: 'sites' },
);

export const CampaignModel = mongoose.model('Campaign', campaignSchema);
export const VersionModel = mongoose.model('CampaignVersion', versionSchema);
export const MasterModel = mongoose.model('Master', masterSchema);
export const PictureModel = mongoose.model('Picture', pictureSchema);
export const SiteModel = mongoose.model('Site', siteSchema);

/** The plain value of a row; the store's own names stay behind. */
export function campaignOf({ _id, updatedAt, ...rest }: CampaignRow): Campaign {
  return { slug: _id, ...rest };
}
