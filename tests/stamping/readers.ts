import type { Reader } from '../../src/stamping/stamping';

export const TEMPLATE = 'Prepared for {{name}} · {{company}} · {{email}} · {{date}} · {{ref}}';

export const jane: Reader = {
  name: 'Jane Doe',
  email: 'jane.doe@acme.example',
  company: 'ACME Housing',
  date: '24 Nov 2026',
  ref: '7F3K-9QXM-2ABC',
  seed: 'a secret of this request',
};

/** Names and companies in the scripts that we promise. */
export const scripts: Record<string, [name: string, company: string]> = {
  Latin: ['Jane Doe', 'ACME Housing'],
  Polish: ['Łukasz Żółć', 'Spółdzielnia Źdźbło'],
  Vietnamese: ['Nguyễn Thị Ánh Tuyết', 'Công ty Nhà ở'],
  Turkish: ['Çağrı Işık', 'İğdır Şirketi'],
  Greek: ['Ωμέγα Παπαδόπουλος', 'Στέγη ΑΕ'],
  Cyrillic: ['Нина Петрова', 'ООО «Ромашка»'],
  Arabic: ['محمد علي', 'شركة الأمل'],
  Persian: ['علی‌رضا پژمان', 'شرکت گچ'],
  Hebrew: ['דוד בן כהן', 'חברה לשיכון'],
  Devanagari: ['राम कृष्ण शर्मा', 'भारत गृह'],
  Thai: ['สมชาย ใจดี', 'บริษัท บ้าน'],
  Japanese: ['山田 太郎', '株式会社サンプル'],
  Chinese: ['李明', '中国移动通信集团公司'],
  'Chinese, traditional': ['陳龍', '臺灣電力'],
  Korean: ['김민준', '삼성 주택'],
  Georgian: ['ნინო ბერიძე', 'სახლი'],
  Armenian: ['Անի Պետրոսյան', 'Տուն'],
  emoji: ['Ann 😀 Lee', '🏠 Homes'],
  'accents without letters of their own': ['Ọláyẹ̀mí J̌an É̂va', 'A̧lņ x̂ Ltd'],
  'Chinese, traditional and rare': ['侺偋 龘', '嘪屝'],
  'rare Han': ['𠮷野 家', '𠮷野家'],
};
