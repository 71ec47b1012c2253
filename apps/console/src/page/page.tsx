import { useEffect } from 'react';
import { ApiKeyForm } from './api-key-form';
import { hrefOf, useRoute } from './route';
import { ServerNotice } from './server-notice';
import { tabs } from './tabs';

/** What all views share: the way between them, the API key, and whether the server is there. */
export function Page() {
  const { tab } = useRoute();
  const { name, title, View } = tabs.find((each) => each.name === tab) ?? tabs[0];
  useEffect(() => void (document.title = `${title} – Slipstream`), [title]);
  return (
    <>
      <a className="skip" href="#main" onClick={(event) => { event.preventDefault(); document.getElementById('main')?.focus(); }}>Skip to content</a>
      <header className="head">
        <p className="brand"><img src="/console/mark.svg" alt="" width="26" height="26" />Slipstream</p>
        <nav aria-label="Views">
          <ul>
            {tabs.map((each) => (
              <li key={each.name}><a href={hrefOf(each.name)} aria-current={each.name === name ? 'page' : undefined}>{each.title}</a></li>
            ))}
          </ul>
        </nav>
        <ApiKeyForm />
      </header>
      <ServerNotice />
      <main id="main" tabIndex={-1} key={name}><View /></main>
    </>
  );
}
