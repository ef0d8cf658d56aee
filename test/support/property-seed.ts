import fc from 'fast-check'

// Loaded before the test files (`--import`). Property tests draw from the seed of the commit, so that what passed before a
// commit is handed in passes after it; another commit looks elsewhere. TOCSIN_TEST_SEED=random looks elsewhere each time.
const seed = Number.parseInt(process.env['TOCSIN_TEST_SEED'] ?? '', 10)
if (Number.isInteger(seed)) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed })
