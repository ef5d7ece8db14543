import type { ComponentChildren } from 'preact';
import { apiAddress } from '../api/request.js';
import { t } from '../language/language.js';
import type { Cited, Question } from './cite.js';
import { Cite } from './cite-view.js';
import { CopyField } from './copy-field.js';
import './take.css';

/** The forms of files that the service writes. */
const FORMATS = { csv: 'CSV', ndjson: 'NDJSON', geojson: 'GeoJSON' } as const;

/** A question with what it is about, in words. */
export interface Named extends Question {
  name: string;
}

interface TakeProps {
  cited: () => Cited;
  /** Exports of the service, each in every form. */
  files?: readonly Named[];
  /** The questions whose answers are shown. */
  api: readonly Named[];
  children?: ComponentChildren;
}

/** What one can take along of what is shown: a citation, files, the addresses of the API, and what the view adds. */
export function TakePanel({ cited, files = [], api, children }: TakeProps) {
  return (
    <details class="take no-print">
      <summary>{t('take.title')}</summary>
      <div class="take-menu">
        <Cite cited={cited} />
        {files.map(({ name, path, query }) => (
          <p key={name} class="row">
            <span>{name}:</span>
            {Object.entries(FORMATS).map(([format, word]) => (
              <a href={apiAddress(path, { ...query, format })} download="">
                {word}
                <span class="unseen"> {name}</span>
              </a>
            ))}
          </p>
        ))}
        {children}
        <details>
          <summary>{t('take.api')}</summary>
          {api.map(({ name, path, query }) => (
            <CopyField key={name} label={name} text={apiAddress(path, query)} rows={2} />
          ))}
        </details>
      </div>
    </details>
  );
}
