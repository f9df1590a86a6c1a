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
  const nonceOf = (iv: Term, sequence: number): Term => make('nonce', [iv], String(sequence));
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
    sealRecord: ({ key, iv, sequence, record }) => make('seal', [key, nonceOf(iv, sequence), header, termOf(record)]),
    openRecord: ({ key, iv, sequence, octets }) => {
      const [ownKey, nonce, ownHeader, inside] = octets.parts;
      const isSealed = octets.symbol === 'seal' && ownHeader === header;
      const fits = isSealed && ownKey === key && nonce === nonceOf(iv, sequence);
      const record = fits && inside !== undefined ? recordOf(inside) : undefined;
      return record === undefined ? refused('record-not-opened') : passed(record);
    },
    publish: (derived) => derived,
    checkCommitment: ({ expected, received }) => (expected === received ? passed(true) : refused('wrong-commitment')),
  };
}
