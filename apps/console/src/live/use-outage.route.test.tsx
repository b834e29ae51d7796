import { screen, waitFor } from '@testing-library/dom';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { expect, it, onTestFinished } from 'vitest';
import { recordCall } from '#api/call-log.ts';
import { queryClient } from '#api/query-client.ts';
import { serverInfo } from '#api/server-info.ts';
import { useOutage } from './use-outage.ts';

const call = { method: 'GET', url: 'http://console.test/rear-diff/training', docs: '', ms: 1 };
const answer = () => recordCall({ ...call, at: new Date(), status: 200, answer: {} });
const isReachable = (reachable: boolean, latency_ms: number) =>
  queryClient.setQueryData(serverInfo.queryKey, { database: { reachable, latency_ms } } as never);

it('the frame renders when an outage begins or ends, and not with each reply of the API', async () => {
  let renders = 0;
  function Probe() {
    renders += 1;
    return <p>Outage: {String(useOutage())}</p>;
  }
  isReachable(true, 1);
  answer();
  const root = createRoot(document.body.appendChild(document.createElement('div')));
  onTestFinished(() => root.unmount());
  // With its effects: it listens from here on.
  flushSync(() => root.render(<Probe />));
  screen.getByText('Outage: null');
  flushSync(answer);
  flushSync(answer);
  isReachable(true, 2);
  expect(renders).toBe(1);
  isReachable(false, 3);
  await screen.findByText('Outage: database');
  expect(renders).toBe(2);
  isReachable(true, 4);
  recordCall({ ...call, at: new Date() });
  await screen.findByText('Outage: api');
  answer();
  await waitFor(() => expect(screen.getByText('Outage: null')).toBeDefined());
});
