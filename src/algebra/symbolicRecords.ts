// The operations of a channel on free terms.
import { passed, refused } from '../failure.ts';
import { type ChannelRecord, isFilled, type RecordName, recordTable } from '../generated/channel.ts';
import type { Derivation } from './derivation.ts';
import type { RecordAlgebra } from './records.ts';
import type { Term, Terms } from './terms.ts';

const isRecordName = (name: string): name is RecordName => name in recordTable;

/**
 * The operations of a channel on terms, over a derivation on terms. What they abstract: lengths and padding, so that the associated
 * data of a record is one term; and a record that was not sealed under the key and nonce does not open.
 */
export function symbolicRecords(terms: Terms, derivation: Derivation<Term>): RecordAlgebra<Term> {
  const { make } = terms;
  const header = make('header', [], 'record');
  const termOf = (record: ChannelRecord<Term>): Term =>
    make('record', 'content' in record ? [record.content] : [], record.type);

  function recordOf({ symbol, label, parts }: Term): ChannelRecord<Term> | undefined {
    if (symbol !== 'record' || !isRecordName(label)) return undefined;
    const [content] = parts;
    if (!isFilled(label)) return { type: label };
    return content && { type: label, content };
  }

  return {
    ...derivation,
    nonce: ({ iv, sequence }) => make('nonce', [iv], String(sequence)),
    sealRecord: ({ key, nonce, record }) => make('seal', [key, nonce, header, termOf(record)]),
    openRecord: ({ key, nonce, octets }) => {
      const [ownKey, ownNonce, ownHeader, inside] = octets.parts;
      const fits = octets.symbol === 'seal' && ownKey === key && ownNonce === nonce && ownHeader === header;
      const record = fits && inside !== undefined ? recordOf(inside) : undefined;
      return record === undefined ? refused('record-not-opened') : passed(record);
    },
    publish: (derived) => derived,
    checkCommitment: ({ expected, received }) => (expected === received ? passed(true) : refused('wrong-commitment')),
  };
}
