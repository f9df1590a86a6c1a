// Every regular expression of a program, by its syntax tree; the patterns of JSON schemas too.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** An expression, and where it stands first. */
export interface Expression {
  readonly where: string;
  readonly source: string;
  readonly flags: string;
}

/** The finds in a text: expressions, and places that build one at run time. */
export interface Found {
  readonly expressions: readonly Expression[];
  readonly unknown: readonly string[];
}

const textOf = (node: ts.Node | undefined): string | undefined =>
  node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;

/** Methods of strings that take a string for an expression. */
const makesExpression = new Set(['match', 'matchAll', 'search']);

function calleeOf(node: ts.Node): string | undefined {
  if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return undefined;
  const { expression } = node;
  if (ts.isIdentifier(expression) && expression.text === 'RegExp') return 'RegExp';
  const method = ts.isPropertyAccessExpression(expression) ? expression.name.text : '';
  return makesExpression.has(method) && textOf(node.arguments?.[0]) !== undefined ? method : undefined;
}

/** The expressions of a program's text. */
export function findInProgram(file: string, text: string): Found {
  const program = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const [expressions, unknown]: [Expression[], string[]] = [[], []];
  const visit = (node: ts.Node): void => {
    const where = `${file}:${program.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      expressions.push({ where, source: node.text.slice(1, end), flags: node.text.slice(end + 1) });
    } else if ((ts.isCallExpression(node) || ts.isNewExpression(node)) && calleeOf(node) !== undefined) {
      const [pattern, flags] = [textOf(node.arguments?.[0]), textOf(node.arguments?.[1])];
      const known = pattern !== undefined && (node.arguments?.[1] === undefined || flags !== undefined);
      if (known) expressions.push({ where, source: pattern, flags: flags ?? '' });
      else unknown.push(`${where}: ${node.getText()}`);
    } else if (ts.isPropertyAssignment(node) && node.name.getText() === 'pattern') {
      const pattern = textOf(node.initializer);
      if (pattern !== undefined) expressions.push({ where, source: pattern, flags: 'u' });
    }
    ts.forEachChild(node, visit);
  };
  visit(program);
  return { expressions, unknown };
}

/** The patterns of a JSON schema, which a validator compiles with the flag `u`. */
export function findInSchema(file: string, text: string): Found {
  const expressions: Expression[] = [];
  JSON.parse(text, (key, value: unknown) => {
    if (key === 'pattern' && typeof value === 'string') expressions.push({ where: file, source: value, flags: 'u' });
    else if (key === 'patternProperties') {
      for (const source of Object.keys(value as object)) expressions.push({ where: file, source, flags: 'u' });
    }
    return value;
  });
  return { expressions, unknown: [] };
}

/** The expressions of all programs and schemas below directories, each once. */
export function findBelow(directories: readonly string[]): Found {
  const found = directories.flatMap((directory) =>
    readdirSync(directory, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
      if (/(?:^|\/)dist\//.test(name)) return []; // built of what is looked at
      const file = join(directory, name);
      if (/\.[cm]?[jt]s$/.test(name)) return [findInProgram(file, readFileSync(file, 'utf8'))];
      return name.endsWith('.schema.json') ? [findInSchema(file, readFileSync(file, 'utf8'))] : [];
    }),
  );
  const each = new Map<string, Expression>();
  for (const one of found.flatMap(({ expressions }) => expressions)) {
    const key = `/${one.source}/${one.flags}`;
    if (!each.has(key)) each.set(key, one);
  }
  return { expressions: [...each.values()], unknown: found.flatMap(({ unknown }) => unknown) };
}
