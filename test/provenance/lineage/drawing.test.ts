// Drawings of lineages: names are chosen by strangers, and never become markup or move a cursor; each shows what fails and why.
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawingFormats, drawLineage } from '../../../src/provenance/lineage/drawing/draw.ts';
import { mermaidBounds } from '../../../src/provenance/lineage/drawing/mermaid.ts';
import type { Lineage } from '../../../src/provenance/lineage/lineage.ts';
import { parent } from '../statement/examples.ts';
import { digests, given, made, originOf, signer, trace, whole } from './examples.ts';

const conforms = new Ajv2020({ strict: false }).compile(
  JSON.parse(readFileSync('spec/schema/model-lineage.schema.json', 'utf8')),
);

const failing = trace(whole.filter(({ source }) => source !== 'v1.origin.sig'));

/** A lineage in which everything that a stranger chooses is one text. */
function hostile(text: string): Lineage {
  const inputs = [
    parent(text, digests.v2),
    { role: 'data-set' as const, name: text, digest: { [text]: text.slice(0, 256) } },
  ];
  const origin = made(inputs, 20, { builder: { id: 'https://example.com/%3Cscript%3E' } });
  const statement = originOf(text, digests.v3, origin);
  const verdict = { trusted: true as const, signer: signer(text) };
  return trace([given(text, statement, { beside: true, verdict })], {
    model: { name: text, digest: digests.v3 },
    unreadable: [{ source: text, reason: text, beside: true }],
  });
}

const nasty = [
  '<script>alert(1)</script>',
  '"><svg onload=alert(1)>',
  "' onmouseover='x",
  ']]><![CDATA[<x>]]>',
  '&lt;b&gt; &amp;',
  '"]; click n1 href "javascript:alert(1)"',
  'n1 --> n2\n  n2["x"]',
  '`**bold**` #quot; #60;',
  'end',
  '\u001b[31mred\u001b[0m\r\nfake: line',
  'abc\u202edcba\u2066x\u2069',
  '\u200bhidden\u00ad\u3164\ufeff\u2028',
  '\ud83d\ude00 \u{e0041}\u{10ffff}',
  '-->',
  '%%{init: {"securityLevel":"loose"}}%%',
  'x'.repeat(4_000),
];

/** Characters that are not seen, apart from line feeds. */
const unseen =
  /[^\P{Cc}\n]|[\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/u;

const tags = /<(\/?)(svg|defs|marker|path|rect|text|line)((?: [a-zA-Z0-9-]+="[^"<>]*")*)\s*(\/?)>/g;

/** What is left of an SVG without its own tags: only texts, in which nothing is markup. */
function requireSafeSvg(svg: string): void {
  const [open, wrong]: [string[], string[]] = [[], []];
  for (const [tag, closing, name = '', attributes = '', empty] of svg.matchAll(tags)) {
    if (/ on|href|javascript/i.test(attributes) || (closing === '/' && open.pop() !== name)) wrong.push(tag);
    if (closing !== '/' && empty !== '/') open.push(name);
  }
  expect(wrong).toEqual([]);
  expect(open).toEqual([]);
  const texts = svg.replace(tags, '');
  expect(texts).not.toMatch(/[<>"']/);
  expect(texts.replace(/&(amp|lt|gt|quot|#39);/g, '')).not.toContain('&');
}

/** Each line of a flow chart is one of ours, and what stands in quotation marks has no mark that means anything. */
function requireSafeMermaid(chart: string): void {
  const label = '"(?:[A-Za-z0-9 .,/+=_-]|#\\d+;|<br/>)*"';
  const line = new RegExp(
    `^(flowchart TD|  n\\d+\\[${label}\\]|  n\\d+ (-->|==>)\\|${label}\\| n\\d+|  f\\d+x\\d+\\[${label}\\]:::fails|  more\\[${label}\\]|  classDef fails stroke:#b00020,stroke-width:2px|  class n1 fails)$`,
  );
  const others = chart
    .trimEnd()
    .split('\n')
    .filter((one) => !line.test(one));
  expect(others).toEqual([]);
}

function requireSafe(lineage: Lineage): void {
  for (const format of drawingFormats) expect(drawLineage(lineage, format)).not.toMatch(unseen);
  requireSafeSvg(drawLineage(lineage, 'svg'));
  requireSafeMermaid(drawLineage(lineage, 'mermaid'));
  const json = JSON.parse(drawLineage(lineage, 'json'));
  expect(conforms(json), JSON.stringify(conforms.errors)).toBe(true);
  expect(json.nodes).toEqual(JSON.parse(JSON.stringify(lineage.nodes)));
  const lines = drawLineage(lineage, 'text').split('\n');
  expect(lines.filter((line) => /^fake/.test(line))).toEqual([]);
}

/** Any characters, among them those that are not seen. */
const anyText = fc
  .array(fc.oneof(fc.integer({ min: 1, max: 0x2fff }), fc.integer({ min: 0xe000, max: 0x10ffff })), { minLength: 1 })
  .map((points) => String.fromCodePoint(...points));

describe('names that a stranger chose', () => {
  it.each(nasty.map((text) => [JSON.stringify(text.slice(0, 40)), text] as const))('%s', (_, text) => {
    requireSafe(hostile(text));
  });

  it('any text', () => {
    fc.assert(
      fc.property(anyText, (text) => requireSafe(hostile(text))),
      { numRuns: 200 },
    );
  });

  it('characters that reorder a text are seen as escapes', () => {
    const lineage = hostile('abc\u202ecba');
    expect(drawLineage(lineage, 'text')).toContain('abc\\u{202e}cba');
    expect(drawLineage(lineage, 'svg')).toContain('abc\\u{202e}cba');
    expect(drawLineage(lineage, 'json')).toContain('abc\\u202ecba');
    expect(drawLineage(hostile('abc\\u{202e}cba'), 'text')).toContain('abc\\\\u{202e}cba');
  });
});

describe('a link that fails', () => {
  it.each(drawingFormats)('%s says which and why', (format) => {
    const drawing = drawLineage(failing, format);
    expect(drawing).toContain('parent-missing');
    if (format !== 'json') expect(drawing).toMatch(/no statement about the model that this one was made from/);
  });

  it('has its number at the link and at the reason', () => {
    const text = drawLineage(failing, 'text');
    expect(text).toMatch(/previous-version: v1 .*\[FAILS 1\]/);
    expect(text).toMatch(/^\[1\] v2 -> previous-version v1: parent-missing: /m);
    expect(drawLineage(failing, 'svg')).toMatch(/previous-version \[1\] parent-missing/);
  });

  it('none: the text says so', () => {
    expect(drawLineage(trace(whole), 'text')).toContain('every link holds');
    expect(drawLineage(trace(whole), 'svg')).not.toContain('dasharray');
  });
});

it('the text of three versions', () => {
  expect(drawLineage(trace(whole), 'text')).toBe(
    [
      'model: v3 sha256:3333333333333333…',
      '    built by https://example.com/trainer',
      '    started 2026-01-20T00:00:00Z',
      '    finished 2026-01-21T00:00:00Z',
      '    signed by CN=maker',
      '  previous-version: v2 sha256:2222222222222222…, says CN=maker',
      '      built by https://example.com/trainer',
      '      started 2026-01-10T00:00:00Z',
      '      finished 2026-01-11T00:00:00Z',
      '      signed by CN=maker',
      '    previous-version: v1 sha256:1111111111111111…, says CN=maker',
      '        built by https://example.com/trainer',
      '        started 2026-01-01T00:00:00Z',
      '        finished 2026-01-02T00:00:00Z',
      '        signed by CN=maker',
      '      data-set: corpus sha256:cccccccccccccccc…, says CN=maker',
      '  data-set: corpus sha256:cccccccccccccccc…, says CN=maker, as above',
      '',
      'every link holds',
      '',
    ].join('\n'),
  );
});

it('large lineages and cycles are drawn up to a bound, and what is left out is counted', () => {
  const inputs = Array.from({ length: 2_000 }, (_, at) => ({
    role: 'data-set' as const,
    name: `d${at}`,
    digest: { sha256: at.toString(16).padStart(64, '0') },
  }));
  const self = originOf('v3', digests.v3, made([parent('v3', digests.v3), ...inputs], 1));
  const lineage = trace([given('v3.origin.sig', self, { beside: true })]);
  requireSafe(lineage);
  expect(drawLineage(lineage, 'svg')).toContain('1501 more nodes are not drawn');
  expect(drawLineage(lineage, 'mermaid')).toContain(`${2_001 - mermaidBounds.nodes} more nodes are not drawn`);
  expect(drawLineage(lineage, 'svg')).toContain('cycle');
});
