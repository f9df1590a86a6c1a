// For scripts that make tables of the models and their verdicts.
export { assemble } from './assemble.ts';
export { type Assumption, loadAssumptions } from './assumptions.ts';
export { callsRole } from './ends.ts';
export { type LedgerEntry, readLedger } from './ledger.ts';
export { type Excuse, loadExcuses, loadManifest } from './manifest.ts';
export type { Assembled, Model } from './model.ts';
