/** The named cast: readers whose names a careless product breaks. */
export interface Reader {
  firstName: string;
  lastName: string;
  email: string;
  company: string;
  country: string;
}

export const CAST: readonly Reader[] = [
  { firstName: 'Łukasz', lastName: 'Żółć', email: 'lukasz@wisla-homes.example', company: 'Wisła Homes', country: 'GB' },
  {
    firstName: 'Ωμέγα',
    lastName: 'Παπαδόπουλος',
    email: 'omega@attica.example',
    company: 'Αττική Κατοικία',
    country: 'GB',
  },
  { firstName: 'Нина', lastName: 'Петрова', email: 'nina@neva.example', company: 'Нева Дом', country: 'IE' },
  { firstName: 'محمد', lastName: 'علي', email: 'mohammed@nile.example', company: 'إسكان النيل', country: 'GB' },
  { firstName: '山田', lastName: '太郎', email: 'taro@sakura.example', company: 'さくら住宅', country: 'IE' },
];

export const fullName = (reader: Reader): string => `${reader.firstName} ${reader.lastName}`;
