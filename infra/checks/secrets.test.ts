import { Environment as ApiEnvironment, readConfig as readApi } from '@at/api/config';
import { ConfigError } from '@at/config/environment';
import { databaseVariables, readDatabase } from '@at/config/settings';
import { type Connection, describeTarget, shownTarget, targetOf, withoutNames } from '@at/db/connection';
import { expect, test } from 'vitest';
import { readConfig as readWorker, Environment as WorkerEnvironment } from '../../apps/worker/src/config.ts';
import { runCommand } from '../local/cli/run-command.ts';

/** No program repeats a secret that was put into a variable, the right one or a wrong one. */

/** Ways to write a URL with a password, right and wrong, whole and in parts. */
const secret = 'hunter2-of-mine';
const shapes = [
  `postgres://me:${secret}@db:5432/films`,
  `postgres://me:${secret}@db:port/films`,
  `postgres://me:12/${secret}@db/films`,
  `postgres://me:12?${secret}@db/films`,
  `postgres://me:12#${secret}@db/films`,
  `postgres://me:${secret}@[::/films`,
  `postgres://me@db/films?password=${secret}&port=x`,
  `mysql://me:${secret}@db/films`,
  `https://me:${secret}@host.example/path`,
  `https://me:pa@${secret}@host.example`,
  `https://host.example/?token=${secret}`,
  `https://host.example/hooks/${secret}`,
  `http://${secret}@host.example:99999`,
  `me:${secret}@host.example`,
  `//me:${secret}@host.example`,
  `host.example?token=${secret}`,
  `host.example/hooks/${secret}`,
  `host.example#${secret}`,
  `https://host.example:${secret}`,
  `https://host.example:443:${secret}`,
  `jdbc:postgresql://db:5432/films?user=me&password=${secret}`,
  `host=db user=me password=${secret}`,
  `https%3A%2F%2Fme%3A${secret}%40host.example`,
  `/films?password=${secret}`,
  `${secret}@host.example`,
];

type Variables = Record<string, string>;

/** All that is said of a database whose server refuses it. */
function saidOf(database: Connection | null): string {
  if (database === null) return '';
  const { host, user, database: name } = targetOf(database);
  const refused = Object.assign(new Error(`no entry for host "${host}", user "${user}", database "${name}"`), {
    code: '28000',
    hostname: host,
  });
  const { message, stack, ...rest } = withoutNames(refused, database);
  return JSON.stringify([describeTarget(database), shownTarget(database), message, stack, rest]);
}

async function saidByTerminal(environment: Variables): Promise<string> {
  let said = '';
  const print = (output: unknown) => {
    said += JSON.stringify(output);
  };
  // Nothing listens on port 1; a key that no header carries stops what follows a live tail too.
  await runCommand(['runs'], { environment, print, progress: () => {}, complain: print });
  return said;
}

const programs: [name: string, variables: string[], said: (environment: Variables) => string | Promise<string>][] = [
  // The one-command start reads the same.
  ['api', Object.keys(ApiEnvironment.properties), (environment) => saidOf(readApi(environment).database)],
  ['worker', Object.keys(WorkerEnvironment.properties), (environment) => saidOf(readWorker(environment).database)],
  ['db:migrate', Object.keys(databaseVariables), (environment) => saidOf(readDatabase(environment))],
  ['cli', ['AT_URL', 'AT_API_KEY', 'API_PORT', 'REAR_DIFF_PREFIX'], saidByTerminal],
];

/** What other variables need, so that a wrong one is the one that is read. */
const others = {
  ...Object.fromEntries(
    Object.keys(ApiEnvironment.properties).flatMap((name) => (/^AT_.*_KEY$/.test(name) ? [[name, 'x']] : [])),
  ),
  POSTERS: 'true',
  QUEUE_WATCH_PATH: '/watch',
  QUEUE_LIBRARY_PATH: '/library',
  QUEUE_UNPROCESSED_PATH: '/unprocessed',
  QUEUE_PROVIDER_URL: 'http://provider',
  MEDIA_SERVER_URL: 'http://media',
  MEDIA_SERVER_API_KEY: 'x',
  API_PORT: '1',
};
const part = { REAR_DIFF_PGSQL_HOST: 'db', REAR_DIFF_PGSQL_PASSWORD: 'x' };

test.each(programs.flatMap(([program, variables, said]) => variables.map((name) => ({ program, name, said }))))(
  '$program does not repeat a secret in $name',
  async ({ name, said }) => {
    for (const value of [...shapes, ...shapes.map((shape) => `http://a.lan,${shape}`)]) {
      let sentence: string;
      try {
        sentence = await said({ ...others, ...(name !== 'DATABASE_URL' && part), [name]: value });
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
        sentence = (error as Error).message;
      }
      expect(sentence).not.toContain(secret);
    }
  },
);
