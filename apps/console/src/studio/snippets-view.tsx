import { useState } from 'react';
import type { GenerationRequestInput } from '@slipstream/client';
import { useServer } from '../page/server';
import { snippetOf, type Language } from './snippets';

const languages: readonly Language[] = ['curl', 'TypeScript', 'Python'];

/** The request of the page to take along. */
export function Snippets({ request: { partial_images: _, cache: __, ...request } }: { request: GenerationRequestInput }) {
  const { apiKey } = useServer();
  const [copied, setCopied] = useState<string>();
  const copy = async (language: Language): Promise<void> => {
    const text = snippetOf(language, { request, baseUrl: location.origin, withKey: apiKey !== undefined });
    setCopied((await copyText(text)) ? `Copied as ${language}.` : text);
  };
  return (
    <div className="snippets">
      <p className="hint" id="copy-as">Copy this request as</p>
      <div className="row" role="group" aria-labelledby="copy-as">
        {languages.map((language) => <button key={language} type="button" className="quiet small" onClick={() => void copy(language)}>{language}</button>)}
      </div>
      <div role="status">{copied !== undefined && <pre className="hint">{copied}</pre>}</div>
    </div>
  );
}

/** Browsers have a clipboard on pages of HTTPS and of this machine only. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
