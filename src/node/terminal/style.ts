// Colours of our own, on a terminal whose user did not refuse them (NO_COLOR).
import { styleText } from 'node:util';
import { printable, type Styled } from './output.ts';

const colourful = process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined;

/** Names of colours and of bold type. */
export type Style = Parameters<typeof styleText>[0];

/** A part of a line, harmless to a terminal, and coloured where that is wanted. */
export const style = (format: Style, text: string): string =>
  colourful ? styleText(format, printable(text)) : printable(text);

export const heading = (text: string): Styled => ({ styled: style('bold', text) });
