// The settings page against a real gateway: changed in the form, looked at as lines, proven, saved into the file with its
// comments, taken back; a file that somebody else changed meanwhile stays theirs; and no secret is anywhere on the page or
// in what the page was told (H38).
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CAN_RUN, NARROW_DARK, UiHouse, type UiPage, WIDE_LIGHT } from './ui-visit.ts';

const PATIENCE = { timeout: 30_000 };
const CANARY = 'canary-7f3a-secret';

describe.skipIf(!CAN_RUN)('settings', { timeout: 400_000 }, () => {
  let ui: UiHouse;
  let owner: UiPage;
  const answers: string[] = [];

  beforeAll(async () => {
    ui = await UiHouse.open();
    owner = await ui.enter();
    owner.page.on('response', (answer) => {
      if (answer.url().includes('/api/v1/config'))
        answer.text().then(
          (body) => answers.push(body),
          () => null,
        );
    });
  }, 300_000);
  afterAll(() => ui?.[Symbol.asyncDispose]());

  const path = () => join(ui.gateway.home, 'countersign.jsonc');
  const file = () => readFileSync(path(), 'utf8');
  const field = (key: string) => owner.id(`field-${key}`);
  const input = (key: string) => field(key).locator('input, select, textarea').first();
  const review = async () => {
    await owner.id('review-settings').click();
    await owner.id('save-settings').waitFor(PATIENCE);
  };
  const save = async () => {
    await owner.id('save-settings').click();
    await owner.answer();
    await owner.id('review').waitFor({ ...PATIENCE, state: 'detached' });
  };

  test('changes are kept while somebody looks around, shown as lines, proven, saved, and taken back', async () => {
    const before = file();
    await owner.go('settings?at=login.codeTtl');
    await input('login.codeTtl').fill('2x');
    await field('login.codeTtl').getByText('Write a number and s, m, h or d').waitFor();
    await owner.sound('a value that is not right');
    await input('login.codeTtl').fill('90s');
    await owner.go('pairings');
    await owner.go('settings?in=agent');
    await input('agent.model').fill('a-model');
    await owner.id('settings-bar').getByText('2 changes').waitFor();
    await review();
    await owner.id('diff').getByText('"codeTtl": "90s"').waitFor(PATIENCE);
    await expect.poll(() => owner.focused()).toBe('keep-editing');
    expect(file()).toBe(before);
    await owner.sound('review');
    await owner.look(NARROW_DARK);
    await owner.sound('review, narrow');
    await owner.look(WIDE_LIGHT);
    await save();
    await owner.id('told').getByText('2 settings saved.').waitFor(PATIENCE);
    expect(file()).toContain('"codeTtl": "90s"');
    expect(file()).toContain('// A proxy is to come.');
    expect(await ui.host().config.get('login.codeTtl')).toMatchObject({ value: '90s' });
    await owner.id('told').getByRole('button', { name: 'Undo' }).click();
    await owner.answer();
    await owner.id('told').getByText('The settings are back as they were.').waitFor(PATIENCE);
    expect(await ui.host().config.get('login.codeTtl')).toMatchObject({ value: '60s' });
    await owner.go('settings?at=login.codeTtl');
    await expect.poll(() => input('login.codeTtl').inputValue()).toBe('60s');
    ui.clean();
  });

  test('what the gateway finds wrong stands at its field, and nothing is saved', async () => {
    const before = file();
    await owner.go('settings?at=agent.kind');
    await input('agent.kind').selectOption('openai');
    await owner.id('review-settings').click();
    await owner.id('review').getByText('an openai agent needs an address').waitFor(PATIENCE);
    expect(await owner.id('save-settings').isDisabled()).toBe(true);
    await owner.sound('mistakes');
    await owner.id('review').getByRole('button', { name: 'Show it: agent.url' }).click();
    await field('agent.url').getByText('an openai agent needs an address').waitFor(PATIENCE);
    await owner.id('discard-settings').click();
    expect(await owner.id('settings-bar').count()).toBe(0);
    expect(file()).toBe(before);
  });

  test('a file that was changed meanwhile is looked at again, and nobody’s words are lost', async () => {
    await owner.go('settings?in=agent');
    await input('agent.model').fill('mine');
    await review();
    // What was looked at is looked at before the file is another one: else it is the new file that is looked at.
    await owner.id('diff').getByText('"mine"').waitFor(PATIENCE);
    // In one step: the gateway may read it at any moment.
    writeFileSync(`${path()}.draft`, file().replace('// A proxy is to come.', '// Somebody was here.'), {
      mode: 0o600,
    });
    renameSync(`${path()}.draft`, path());
    await owner.id('save-settings').click();
    await owner.answer();
    await owner.id('review').getByText('was changed meanwhile').waitFor(PATIENCE);
    await owner.id('review').getByRole('button', { name: 'Try again' }).click();
    await owner.id('diff').getByText('Somebody was here').waitFor(PATIENCE);
    await save();
    expect(file()).toContain('// Somebody was here.');
    expect(file()).toContain('"mine"');
  });

  test('H38: a secret is typed and never seen again, and there is no undo that would have to know it', async () => {
    await owner.go('settings?at=agent.apiKey');
    await field('agent.apiKey').getByRole('button').first().click();
    await field('agent.apiKey').locator('input[type=password]').fill(CANARY);
    await review();
    await owner.id('diff').getByText('"[new secret]"').waitFor(PATIENCE);
    expect(await owner.id('review').textContent()).not.toContain('canary');
    await save();
    expect(file()).toContain(CANARY);
    await owner.go('settings?view=text');
    await owner.id('config-file').getByText('"apiKey": "[secret]"').waitFor(PATIENCE);
    await owner.sound('the file');
    await owner.go('settings?at=agent.apiKey');
    await field('agent.apiKey').getByText('Set. It is never shown.').waitFor(PATIENCE);
    expect(await owner.page.content()).not.toContain('canary');
    expect(answers.length).toBeGreaterThan(5);
    expect(answers.join('\n')).not.toContain('canary');
    expect(ui.console.join('\n')).not.toContain('canary');
    ui.clean();
  });

  test('what waits is put in force with a proof, and searching finds by word', async () => {
    await owner.go('settings');
    await owner
      .id('config-pending')
      .getByRole('button', { name: 'Put in force: gateway.trustedProxies' })
      .click();
    await expect.poll(() => owner.focused()).toBe('keep');
    await owner.id('confirm').click();
    await owner.answer();
    await owner.id('told').getByText('gateway.trustedProxies is in force.').waitFor(PATIENCE);
    await owner.page.keyboard.press('/');
    await owner.page.keyboard.type('lifetime sign-in');
    await field('login.codeTtl').waitFor(PATIENCE);
    await expect.poll(() => owner.page.locator('.set-field').count()).toBe(1);
    await owner.sound('a search');
    ui.clean();
  });
});
