import { DatabaseSync } from 'node:sqlite'
import type { ReceivedItem } from '@tocsin/events'
import { type Issue, issueSchema } from '../account/account.ts'
import type { ListRow } from '../feeds/tw-nccst-1.3/lists.ts'
import { taipeiDay } from '../feeds/tw-nccst-1.3/taipei-time.ts'
import type { Receipt } from '../receiving/receipt.ts'
import type { ReceiptBook } from '../receiving/receiver.ts'

const TABLES = `
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS receipts (
  item_id TEXT PRIMARY KEY, sender TEXT NOT NULL, name TEXT NOT NULL, day TEXT NOT NULL, received_at INTEGER NOT NULL,
  verdict TEXT NOT NULL, event_id TEXT, sha256 TEXT NOT NULL, kind TEXT NOT NULL, receipt TEXT NOT NULL,
  published INTEGER NOT NULL DEFAULT 0, answered INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX IF NOT EXISTS by_day ON receipts (sender, day);
CREATE INDEX IF NOT EXISTS by_name ON receipts (sender, kind, name, verdict);
CREATE INDEX IF NOT EXISTS by_event ON receipts (sender, event_id, verdict);
CREATE INDEX IF NOT EXISTS unpublished ON receipts (published) WHERE published = 0;
CREATE INDEX IF NOT EXISTS unanswered ON receipts (sender) WHERE answered = 0;
CREATE TABLE IF NOT EXISTS lists (sender TEXT NOT NULL, kind TEXT NOT NULL, list TEXT NOT NULL, PRIMARY KEY (sender, kind)) STRICT;
CREATE TABLE IF NOT EXISTS issues (issue_id TEXT PRIMARY KEY, sender TEXT NOT NULL, issue TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS states (sender TEXT PRIMARY KEY, state TEXT NOT NULL, since INTEGER NOT NULL) STRICT;
`
/** Quarantined files that are judged again in one pass, oldest first. */
const JUDGED_AGAIN_AT_MOST = 5_000

/** The book of what was received, in one SQLite file (or `:memory:`). */
export class ReceiptFile implements ReceiptBook {
  readonly #database: DatabaseSync

  constructor(path: string) {
    this.#database = new DatabaseSync(path)
    this.#database.exec(TABLES)
  }

  find(itemId: string): Receipt | undefined {
    return this.#receipts('WHERE item_id = ?', itemId)[0]
  }

  save(receipt: Receipt, rows: readonly ListRow[] | null): void {
    const { item, kind } = receipt
    this.#database.exec('BEGIN')
    this.#database
      .prepare(
        `INSERT INTO receipts (item_id, sender, name, day, received_at, verdict, event_id, sha256, kind, receipt)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (item_id) DO UPDATE SET verdict = excluded.verdict, receipt = excluded.receipt, published = 0, answered = 0`,
      )
      .run(
        item.itemId,
        item.sender,
        item.name,
        taipeiDay(item.receivedAt),
        item.receivedAt,
        item.verdict,
        item.caseFields['Event_ID'] ?? null,
        item.sha256,
        kind,
        JSON.stringify(receipt),
      )
    if (rows !== null) {
      this.#database
        .prepare('INSERT OR REPLACE INTO lists (sender, kind, list) VALUES (?, ?, ?)')
        .run(item.sender, kind, JSON.stringify(rows))
    }
    this.#database.exec('COMMIT')
  }

  unpublished(): Receipt[] {
    return this.#receipts('WHERE published = 0 ORDER BY received_at')
  }

  markPublished(itemId: string): void {
    this.#database.prepare('UPDATE receipts SET published = 1 WHERE item_id = ?').run(itemId)
  }

  quarantined(sender: string): Receipt[] {
    return this.#receipts(
      `WHERE sender = ? AND verdict = 'quarantined' ORDER BY received_at LIMIT ${JUDGED_AGAIN_AT_MOST}`,
      sender,
    )
  }

  unansweredDays(sender: string): string[] {
    return this.#database
      .prepare('SELECT DISTINCT day FROM receipts WHERE answered = 0 AND sender = ? ORDER BY day')
      .all(sender)
      .map((row) => String(row['day']))
  }

  receivedOn(sender: string, day: string): ReceivedItem[] {
    return this.#receipts('WHERE sender = ? AND day = ? ORDER BY received_at, name', sender, day).map(
      ({ item }) => item,
    )
  }

  markAnswered(sender: string, day: string): void {
    this.#database.prepare('UPDATE receipts SET answered = 1 WHERE sender = ? AND day = ?').run(sender, day)
  }

  lists(sender: string): { services: readonly ListRow[]; rules: readonly ListRow[] } | null {
    const [services, rules] = ['service-list', 'rule-table'].map((kind) => this.#list(sender, kind))
    return services === undefined || rules === undefined ? null : { services, rules }
  }

  acceptedHash(sender: string, eventId: string): string | null {
    const row = this.#database
      .prepare(`SELECT sha256 FROM receipts WHERE sender = ? AND event_id = ? AND verdict = 'accepted'`)
      .get(sender, eventId)
    return row === undefined ? null : String(row['sha256'])
  }

  hasAttachment(sender: string, name: string): boolean {
    const sql = `SELECT 1 FROM receipts WHERE sender = ? AND kind = 'attachment' AND name = ? AND verdict = 'accepted'`
    return this.#database.prepare(sql).get(sender, name) !== undefined
  }

  changeState(sender: string, state: string, at: number): string | null {
    const row = this.#database.prepare('SELECT state FROM states WHERE sender = ?').get(sender)
    const before = row === undefined ? null : String(row['state'])
    if (before !== state) {
      this.#database
        .prepare('INSERT OR REPLACE INTO states (sender, state, since) VALUES (?, ?, ?)')
        .run(sender, state, at)
    }
    return before
  }

  /** Keeps an issue that was opened against a sender; one that is known stays as it is. Gives whether it is new. */
  openIssue(sender: string, issue: Issue): boolean {
    const sql = 'INSERT INTO issues (issue_id, sender, issue) VALUES (?, ?, ?) ON CONFLICT DO NOTHING'
    return this.#database.prepare(sql).run(issue.issueId, sender, JSON.stringify(issue)).changes === 1
  }

  /** Issues of a sender, oldest first. */
  issues(sender: string): Issue[] {
    return this.#database
      .prepare('SELECT issue FROM issues WHERE sender = ? ORDER BY rowid')
      .all(sender)
      .map((row) => issueSchema.parse(JSON.parse(String(row['issue']))))
  }

  /** Everything of a sender (or of all) received from `from` up to `to`, UTC ms. */
  between(from: number, to: number, sender: string | null): Receipt[] {
    const period = 'WHERE received_at >= ? AND received_at < ?'
    return sender === null
      ? this.#receipts(`${period} ORDER BY received_at`, from, to)
      : this.#receipts(`${period} AND sender = ? ORDER BY received_at`, from, to, sender)
  }

  close(): void {
    this.#database.close()
  }

  #list(sender: string, kind: string): ListRow[] | undefined {
    const row = this.#database.prepare('SELECT list FROM lists WHERE sender = ? AND kind = ?').get(sender, kind)
    return row === undefined ? undefined : (JSON.parse(String(row['list'])) as ListRow[])
  }

  #receipts(where: string, ...values: readonly (string | number)[]): Receipt[] {
    return this.#database
      .prepare(`SELECT receipt FROM receipts ${where}`)
      .all(...values)
      .map((row) => JSON.parse(String(row['receipt'])) as Receipt)
  }
}
