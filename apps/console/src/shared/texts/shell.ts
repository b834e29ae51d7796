/** What every page stands in: navigation, connection, palette, API line. */
export const shellTexts = {
  connection: {
    states: { unknown: 'Connecting', up: 'Connected', down: 'API unreachable' },
    withoutDatabase: 'Database unreachable',
    polling: 'Connected, updates every 2 s',
    notLive: 'No live updates',
    askNow: 'Ask now',
    followNow: 'Try now',
    away: {
      title: 'The API cannot be reached',
      asOf: (moment: string) => `What you see is as of ${moment}.`,
      never: 'It has not answered since this page was opened.',
      askedEvery: (seconds: number) => `It is asked again every ${seconds} seconds.`,
    },
    notFollowing: {
      title: 'Live updates are interrupted',
      text: 'What others change is not shown until they are back. They are tried again by themselves.',
    },
  },
} as const;
