import type { ReadonlySignal } from '@preact/signals';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Row } from '../home/rows.js';

/** The places at both moments; undefined until they are known. */
export interface Both {
  a: ReadonlySignal<readonly Row[] | undefined>;
  b: ReadonlySignal<readonly Row[] | undefined>;
}

export const CompareData = createContext<Both | undefined>(undefined);

export const useBoth = (): Both => useContext(CompareData)!;
