// Why a log, a proof or a checkpoint is refused. The codes are stable.

/** The codes, with their meanings. */
export const logCodes = {
  'log-note-malformed': 'not a signed note in the form of C2SP signed-note',
  'log-key-malformed': 'not a key in the form of C2SP signed-note (a vkey), or of a type that is not used here',
  'log-checkpoint-malformed': 'not a checkpoint in the form of C2SP tlog-checkpoint',
  'log-signature-invalid': 'a signature of a known key does not verify',
  'log-unsigned': 'no log of the policy has signed the checkpoint',
  'log-quorum': 'too few witnesses of the policy have cosigned the checkpoint',
  'log-policy-malformed': 'not a policy in the form of C2SP tlog-policy',
  'log-proof-malformed': 'not a proof in the form of C2SP tlog-proof',
  'log-inclusion': 'the proof does not lead from the entry to the root of the checkpoint',
  'log-entry-malformed': 'what is to be logged makes no entry, or an entry is not one',
  'log-entry-absent': 'the log has no such entry',
  'log-tile-broken': 'tiles of the log do not have the root of its checkpoint',
  'log-entries-broken': 'entries of the log do not have the hashes of its tiles',
  'log-file-missing': 'a file of the log is not there',
  'log-unreadable': 'a file of the log cannot be read, or is too long',
  'log-other-key': 'the log is signed by another key than before, or than the one given',
  'log-rollback': 'the checkpoint is older than one that was seen before',
  'log-fork': 'the log has signed two checkpoints that are not of one history',
} as const;

/** Why a log, a proof or a checkpoint is refused. */
export type LogCode = keyof typeof logCodes;
