import { type Account, accountSchema } from '../../src/account/account.ts'

/** An account as it is applied for; nobody in it exists. */
export const account = (changes: Partial<Account> = {}): Account => ({
  ...accountSchema.parse({
    organization: 'EXAMPLE-SOC',
    unit: '範例資安監控中心',
    address: '臺北市中正區範例路 1 號',
    userType: 'provider',
    contacts: [
      { kind: 'main', name: '範例人員', department: '資安組', phone: '02-0000-0000', email: 'soc@example.tw' },
    ],
  }),
  ...changes,
})
