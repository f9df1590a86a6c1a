// Reads ProVerif's output: the answers to the queries of a model.
import type { Answer, Query, Told } from './model.ts';
import { type Ended, everyone, messageOf } from './runTool.ts';

/** One result: the query as ProVerif shows it. */
interface Result {
  readonly text: string;
  readonly answer: Answer;
}

const resultShape = /^(.*) (is true|is false|cannot be proved)\.$/;
const answerWords: Readonly<Record<string, Answer>> = {
  'is true': 'true',
  'is false': 'false',
  'cannot be proved': 'unproved',
};

function resultOf(line: string): Result | undefined {
  const [, text, words = ''] = resultShape.exec(line) ?? [];
  const answer = answerWords[words];
  return text === undefined || answer === undefined ? undefined : { text: plain(text), answer };
}

/** A query in one form for the summary and for a RESULT line. */
function plain(text: string): string {
  if (text.startsWith('Equivalence between ')) return 'Observational equivalence';
  return text
    .replace(/^Query /, '')
    .replace(/ encoded as equivalence$/, '')
    .replace(/\s+/g, ' ');
}

/** RESULT lines; one in parentheses is about another query than the one asked. */
export function resultLines(output: string): Result[] {
  const lines = output.split('\n').filter((line) => /^RESULT (?!\((even|but|query encoded as) )/.test(line));
  return lines.flatMap((line) => resultOf(line.slice('RESULT '.length)) ?? []);
}

/** The results after `Verification summary:`, without the lemmas, axioms and restrictions. */
function summaryOf(output: string): { results: Result[]; lemmaErrors: string[] } | undefined {
  const at = output.lastIndexOf('\nVerification summary:\n');
  if (at < 0) return undefined;
  const results: Result[] = [];
  const lemmaErrors: string[] = [];
  let associated = false;
  for (const line of output.slice(at).split('\n')) {
    if (/^(Associated |Query\(ies\):)/.test(line)) associated = line.startsWith('Associated ');
    const item = line.startsWith(' - ');
    if (item && associated) lemmaErrors.push(...(/\bERROR/.test(line) ? [line.slice(3)] : []));
    else results.push(...[resultOf(item ? line.slice(3) : line) ?? []].flat());
  }
  return { results, lemmaErrors };
}

const named = (text: string, shape: RegExp): string => (shape.exec(text)?.[1] ?? '').replace(/_\d+$/, '');

/**
 * The subject of a query, the same for its declaration and for its form in ProVerif's output: which kind, which secret, which
 * events. ProVerif tells queries with public variables or real_or_random secrets apart from the others, not in the order
 * of the file.
 */
export function subjectOf(text: string): string {
  if (/^noninterf\b|^Non-interference /.test(text)) {
    return `noninterf ${named(text, /^(?:noninterf\s(?:[^;.]*;)?|Non-interference )\s*([\w']+)/)}`;
  }
  if (/^weaksecret\b|^Weak secret /.test(text)) return `weaksecret ${named(text, /(?:weaksecret|secret)\s+([\w']+)/)}`;
  const secret = /(?:^|[\s;])secret\s+([\w']+)/.exec(text)?.[1];
  const publicVariables = (/\bpublic_vars\s+([\w', ]+)/.exec(text)?.[1] ?? '').replace(/\s/g, '');
  if (secret !== undefined) {
    return `secret ${secret} ${/real_or_random/.test(text) ? 'real_or_random' : ''} ${publicVariables}`;
  }
  const events = [...text.matchAll(/\bevent\s*\(\s*([A-Za-z][\w']*)/g)].map(([, name]) => `event ${name}`);
  const facts = [...text.matchAll(/\b(attacker|mess|table)(?:_p\d+)?\s*\(/g)].map(([, fact = '']) => fact);
  const about = [...new Set([...events, ...facts])].sort();
  return about.length === 0 ? 'equivalence' : `${about.join(', ')} ${publicVariables}`;
}

/** Gives each result to the first query, in the order of the file, with the same subject. */
function assign(queries: readonly Query[], results: readonly Result[]): Map<string, Result> | string {
  const waiting = queries.map(({ id, declaration }) => ({ id, subject: subjectOf(declaration) }));
  const given = new Map<string, Result>();
  for (const result of results) {
    const at = waiting.findIndex(({ subject }) => subject === subjectOf(result.text));
    const [query] = at < 0 ? [] : waiting.splice(at, 1);
    if (query === undefined) {
      return `ProVerif tells of a query other than ${waiting.map(({ id }) => id).join(', ')}: ${result.text}`;
    }
    given.set(query.id, result);
  }
  return given;
}

/** Checks that the summary agrees with the RESULT lines. */
function contradiction(results: readonly Result[], lines: readonly Result[]): string | undefined {
  const opposite = (answer: Answer): Answer => (answer === 'true' ? 'false' : 'true');
  const found = results.find(({ text, answer }) => {
    const said = lines.filter((line) => line.text === text).map((line) => line.answer);
    return answer !== 'unproved' && (!said.includes(answer) || said.includes(opposite(answer)));
  });
  if (found !== undefined) return `the summary says ${found.answer}, the RESULT lines do not: ${found.text}`;
  return undefined;
}

/** The certain results of a run that was stopped. Lemmas have RESULT lines too, so a model with lemmas has none. */
function readStopped(queries: readonly Query[], ended: Ended, text: string): Told[] {
  const lines = /\blemma\b/.test(text) ? [] : resultLines(ended.output);
  return queries.map(({ id, declaration }) => {
    const subject = subjectOf(declaration);
    const alone = queries.filter((other) => subjectOf(other.declaration) === subject).length === 1;
    const [result, ...more] = lines.filter((line) => subjectOf(line.text) === subject);
    if (!alone || result === undefined || more.length > 0 || result.answer === 'unproved') {
      return { id, verdict: 'timeout', detail: ended.stopped ?? '' };
    }
    return { id, verdict: result.answer };
  });
}

/** Verdicts, in the order of the queries. */
export function readProverif(queries: readonly Query[], ended: Ended, text: string): Told[] {
  if (ended.stopped !== undefined) return readStopped(queries, ended, text);
  const summary = summaryOf(ended.output);
  if (ended.status !== 0 || summary === undefined) return everyone(queries, 'error', messageOf(ended));
  const { results, lemmaErrors } = summary;
  if (results.length !== queries.length) {
    return everyone(queries, 'error', `ProVerif tells ${results.length} results, there are ${queries.length} queries`);
  }
  const given = assign(queries, results);
  if (typeof given === 'string') return everyone(queries, 'error', given);
  const contradicted = contradiction(results, resultLines(ended.output));
  if (contradicted !== undefined) return everyone(queries, 'error', contradicted);
  const detail = lemmaErrors.length === 0 ? {} : { detail: lemmaErrors.join('; ') };
  return queries.map(({ id }) => {
    const verdict = given.get(id)?.answer ?? 'error';
    return verdict === 'unproved' ? { id, verdict, ...detail } : { id, verdict };
  });
}
