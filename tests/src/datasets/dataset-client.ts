import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { ask, eventually, type Answer, type Question } from '../harness/index.js';

/** One tenant at the data sets of a gateway. */
export class DatasetClient {
  constructor(private readonly gateway: string, private readonly key: string) {}

  ask(path: string, question: Question = {}): Promise<Answer> {
    return ask(`${this.gateway}/v1/datasets${path}`, { ...question, headers: { authorization: `Bearer ${this.key}`, ...question.headers } });
  }

  async read(id: string): Promise<Answer['body']> {
    return (await this.ask(`/${id}`)).body;
  }

  until(id: string, status: string): Promise<Answer['body']> {
    return eventually(async () => {
      const dataset = await this.read(id);
      if (dataset.status === 'failed' && status !== 'failed') throw new Error(JSON.stringify(dataset.error));
      return dataset.status === status && dataset;
    }, { what: `the data set is ${status}`, deadlineMs: 150_000 });
  }

  /** Over all pages. */
  async shardsOf(id: string): Promise<Answer['body'][]> {
    const shards: Answer['body'][] = [];
    for (let after = ''; ; ) {
      const { body } = await this.ask(`/${id}/shards?limit=7${after}`);
      shards.push(...body.data);
      if (!body.has_more) return shards;
      after = `&after=${shards.at(-1).id}`;
    }
  }

  /** The files that the API hands out, in a folder, by their links and without a key. */
  async download(id: string, folder: string): Promise<void> {
    await mkdir(folder);
    const { files } = await this.read(id);
    const links: [string, string][] = [['manifest.json', files.manifest], ['README.md', files.card], ['duplicates.parquet', files.duplicates]];
    for (const { tar, table, stats } of await this.shardsOf(id)) links.push(...[tar, table, stats].map(({ file, url }): [string, string] => [file, url]));
    for (const [name, url] of links) {
      const answer = await fetch(url);
      expect(answer.status).toBe(200);
      await writeFile(join(folder, name), Buffer.from(await answer.arrayBuffer()));
    }
  }
}

/** 600 pictures in 24 shards. */
export const cups = { name: 'cups', template: '{colour} {thing}', lists: { colour: ['red', 'blue', 'green'], thing: ['cup', 'cat', 'dog', 'pear', 'hat'] }, pictures_per_prompt: 40, shard_size: 25, drop_duplicates: true };

/** The same by command line. */
export const cupsInto = (folder: string): string[] => ['run', '--template', cups.template, '--list', `colour=${cups.lists.colour}`, '--list', `thing=${cups.lists.thing}`, '--name', 'cups', '--pictures', '40', '--shard-size', '25', '--drop-duplicates', '--bundle', 'tests/bundles/tiny', '--threads', '1', '--out', folder];
