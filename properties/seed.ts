/**
 * The seed of what is random in tests: the same each time, so that what holds today holds tomorrow, or the one that PQUAKE_SEED
 * gives. `npm run properties:long` draws new ones.
 */
export const seed = Number(process.env['PQUAKE_SEED'] ?? 20_260_601);
