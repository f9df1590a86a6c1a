import { match } from 'ts-pattern';
import type { Lineage } from '../lineage.ts';
import { drawJson } from './json.ts';
import { drawMermaid } from './mermaid.ts';
import { drawSvg } from './svg.ts';
import { drawText } from './text.ts';

/** The drawings of a lineage, in the words of `--format`. */
export const drawingFormats = ['text', 'json', 'mermaid', 'svg'] as const;
export type DrawingFormat = (typeof drawingFormats)[number];

/** A drawing of a lineage. Names in it are escaped: nothing of them is markup, and all their characters are seen. */
export const drawLineage = (lineage: Lineage, format: DrawingFormat): string =>
  match(format)
    .with('text', () => drawText(lineage))
    .with('json', () => drawJson(lineage))
    .with('mermaid', () => drawMermaid(lineage))
    .with('svg', () => drawSvg(lineage))
    .exhaustive();
