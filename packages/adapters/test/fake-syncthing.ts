import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A Syncthing with one folder that is set up as it must be, for tests that are about something else. */
export async function startFakeSyncthing() {
  const [own, device] = ['AAAAAAA', 'BBBBBBB'].map((group) => Array(8).fill(group).join('-')) as [string, string];
  const folder = {
    id: 'batches',
    label: '',
    path: '/batches',
    type: 'sendonly',
    paused: false,
    autoNormalize: false,
    markerName: '.stfolder',
    devices: [{ deviceID: own }, { deviceID: device }],
  };
  const replies: Record<string, unknown> = {
    'system/status': { myID: own, startTime: '2026-11-30T08:00:00Z' },
    'system/version': { version: 'v1.19.2' },
    'system/connections': { connections: { [device]: { connected: true } } },
    'config/folders': [folder],
    'config/devices': [{ deviceID: device, name: 'phone', paused: false }],
    'db/ignores': { ignore: ['/.at-*'], expanded: ['/.at-*'] },
  };
  const server = createServer(({ url = '' }, response) => {
    const reply = replies[url.replace(/^\/rest\//, '').replace(/\?.*/, '')];
    response.writeHead(reply ? 200 : 404).end(JSON.stringify(reply ?? 'not found'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/rest`,
    folder: folder.id,
    device,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
