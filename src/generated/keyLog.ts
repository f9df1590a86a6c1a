// Generated from spec/ by `npm run generate`. Do not edit.

/** The lines of a key log (spec/keylog.md), by the symbol of the draft: label, and octets of the secret. */
export const keyLogTable = {
  ss_e: { label: 'PQUAKE_SS_E', octets: 32 },
  k_hid: { label: 'PQUAKE_K_HID', octets: 32 },
  ss_i: { label: 'PQUAKE_SS_I', octets: 32 },
  ss_r: { label: 'PQUAKE_SS_R', octets: 32 },
  k_session: { label: 'PQUAKE_K_SESSION', octets: 48 },
} as const;

/** A secret that a key log holds, by its symbol. */
export type LoggedSecret = keyof typeof keyLogTable;
