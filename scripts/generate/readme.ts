import { toNotation } from '../../src/lab/spec/formula.ts';
import type { Spec } from '../../src/lab/spec/spec.ts';
import { table } from '../../src/lab/spec/text.ts';

const size = (spec: Spec, kind: string): string => {
  const { octets, minimum } = spec.kinds[kind] ?? {};
  return octets === undefined ? `at least ${minimum}` : String(octets);
};

/** The generated tables of spec/README.md, by the name of their marker. */
export function tables(spec: Spec): Readonly<Record<string, string>> {
  return {
    suite: table(
      ['role', 'algorithm', 'source', 'octets'],
      spec.suite.map(({ role, algorithm, source, sizes }) => [role, algorithm, source, sizes]),
    ),
    suites: table(
      ['suite', 'KEM', 'signatures of certificates', 'status'],
      spec.suites.map(({ name, kem, signatures, status }) => [`\`${name}\``, kem, signatures.join(', '), status]),
    ),
    algorithms: table(
      ['algorithm', 'object identifier', 'source', 'octets'],
      Object.entries({ ...spec.kems, ...spec.signatures }).map(([name, { oid, source, platform, ...octets }]) => [
        name,
        oid,
        source,
        Object.entries(octets)
          .map(([what, size]) => `${what} ${size}`)
          .join(', '),
      ]),
    ),
    messages: table(
      ['type', 'name', 'sender', 'step', 'data', 'octets of each field', 'section'],
      spec.messages.map(({ type, name, sender, step, section, fields }) => [
        type,
        `\`${name}\``,
        sender,
        step,
        fields.map(({ name: field, symbol }) => `\`${symbol}\` (\`${field}\`)`).join(', '),
        fields.map(({ kind }) => size(spec, kind)).join(', '),
        section,
      ]),
    ),
    steps: table(
      ['step', 'what', 'initiator', 'responder', 'section'],
      spec.steps.map(({ step, title, initiator, responder, section }) => [step, title, initiator, responder, section]),
    ),
    readings: table(
      ['value', 'axis', 'alternative', 'formula', 'section', 'what the draft leaves open'],
      spec.readings.flatMap(({ axis, symbols, section, says, parameters, alternatives }) =>
        alternatives.flatMap(({ name, formula, present, absent }, index) => {
          const first = index === 0;
          const label = `\`${name}\`${first ? ' (default)' : ''}`;
          const cases =
            formula === undefined
              ? [
                  ['with PSK: ', present],
                  ['without: ', absent],
                ]
              : [['', formula]];
          return cases.map(([prefix, one], line) => [
            symbols.map((symbol) => `\`${symbol}\``).join(', '),
            `\`${axis}\``,
            label,
            `${prefix}\`${toNotation(one as never, parameters)}\``,
            section,
            first && line === 0 ? says : '',
          ]);
        }),
      ),
    ),
    derivations: table(
      ['value', 'formula', 'cut into', 'section', 'note'],
      spec.derivations.map(({ symbols, formula, parameters, cut, section, says }) => [
        symbols.map((symbol) => `\`${symbol}\``).join(', '),
        `\`${toNotation(formula, parameters)}\``,
        cut?.map(({ symbol, octets }) => `\`${symbol}\` (${octets})`).join(', ') ?? '',
        section,
        says,
      ]),
    ),
    failures: table(
      ['code', 'meaning', 'abort', 'section', 'requirements'],
      spec.failures.map(({ code, meaning, abort, section, requirements }) => [
        `\`${code}\``,
        meaning,
        abort,
        section,
        requirements.join(', '),
      ]),
    ),
    requirements: table(
      ['id', 'section', 'level', 'role', 'requirement'],
      spec.requirements.map(({ id, section, level, role, text }) => [id, section, level, role, text]),
    ),
  };
}

/** The generated tables of spec/keylog.md. */
export function keyLogTables(spec: Spec): Readonly<Record<string, string>> {
  const rows = spec.keyLog.map(({ label, symbol, kind, when }) => [
    `\`${label}\``,
    `\`${symbol}\``,
    size(spec, kind),
    when,
  ]);
  return { labels: table(['label', 'secret', 'octets', 'written when'], rows) };
}
