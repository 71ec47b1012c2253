import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Page } from './page/page';
import { ServerProvider } from './page/server';
import './page/page.css';

createRoot(document.getElementById('page')!).render(
  <StrictMode>
    <ServerProvider>
      <Page />
    </ServerProvider>
  </StrictMode>,
);
