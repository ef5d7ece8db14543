import type { StatementInput } from '../war.js';

/** Parties that fight on one side, and who speaks for them. */
export interface Camp {
  /** The actor that its claims are about. */
  id: string;
  voices: NonNullable<StatementInput['speaker']>[];
}

export const CAMPS: [Camp, Camp, Camp] = [
  {
    id: 'russia',
    voices: [
      { name: 'Valerii Horobets', role: 'Chief of the General Staff', party: 'russia' },
      { role: 'daily briefing', party: 'Russian Ministry of Defence' },
      { name: 'Ihor Kymak', role: 'adviser to the head of the DNR', party: 'dnr' },
      { party: 'lnr' },
    ],
  },
  {
    id: 'ukraine',
    voices: [
      { name: 'Oleh Sych', role: 'spokesman of the eastern command', party: 'Ukrainian military' },
      { role: 'evening report', party: 'General Staff of the Armed Forces of Ukraine' },
      { name: 'Anna Koval', role: 'head of the district', party: 'ukraine' },
    ],
  },
  { id: 'free-legion', voices: [{ name: 'The speaker of the Legion', party: 'free-legion' }] },
];

/** Independents: of no party, and so a side each. */
export const WITNESSES: NonNullable<StatementInput['speaker']>[] = [
  { name: 'Mapping Project Nord' },
  { name: 'Reporter at the front' },
  { name: 'Monitoring Centre West' },
];

export const OUTLETS = ['tass.example', 'ria.example', 'unian.example', 'wire.example', 'front.example'];
