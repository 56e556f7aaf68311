import { functions } from './postgres-functions.ts'

/**
 * Each step leads from one schema version to the next. A step that has been released is never changed. `hs.` stands for the schema's name.
 *
 * Instants are double precision: milliseconds, as everywhere. Text of strangers is bytea: see `bytesOf`.
 */
const first = `
  CREATE TABLE hs.session (
    sid text COLLATE "C" PRIMARY KEY,
    user_name bytea,
    tenant bytea,
    user_generation int NOT NULL,
    tenant_generation int NOT NULL,
    everyone_generation int NOT NULL,
    version int NOT NULL,
    state text NOT NULL,      -- live, ended, moved
    state_detail text,        -- the cause, or the sid it moved to
    state_at float8,
    created_at float8 NOT NULL,
    seen_at float8 NOT NULL,
    idle float8 NOT NULL,
    ends_at float8 NOT NULL,
    due float8 NOT NULL,      -- when it times out, or when it ended: what a sweep goes by
    cur int NOT NULL,
    par int NOT NULL,
    grace text NOT NULL,      -- JSON
    forks int NOT NULL,
    rotated_at float8 NOT NULL,
    data_version int NOT NULL,
    presentation text NOT NULL,
    renew boolean NOT NULL,   -- to be given a new identity
    claims text NOT NULL,     -- JSON, as the next two
    authentication text NOT NULL,
    core text NOT NULL        -- what is only ever read as a whole
  ) WITH (fillfactor = 80);
  CREATE INDEX session_by_user ON hs.session (user_name) WHERE state = 'live' AND user_name IS NOT NULL;
  CREATE INDEX session_by_due ON hs.session (due);

  CREATE TABLE hs.data (
    sid text COLLATE "C" NOT NULL,
    key bytea NOT NULL,
    value text NOT NULL,      -- JSON
    version int NOT NULL,
    PRIMARY KEY (sid, key)
  );

  CREATE TABLE hs.generation (
    kind text NOT NULL,       -- user, tenant, everyone
    name bytea NOT NULL,
    generation int NOT NULL,
    PRIMARY KEY (kind, name)
  );

  CREATE TABLE hs.log (
    part int NOT NULL,
    seq int8 NOT NULL,
    chain text NOT NULL,
    at float8 NOT NULL,
    until float8 NOT NULL,
    kind text NOT NULL,       -- kill, generation, version, key
    scope text,
    name bytea,               -- of the scope, or of the key
    sid text,                 -- or the spared one
    number int,               -- generation or version
    cause text,
    PRIMARY KEY (part, seq)
  );
  -- One row for each partition, locked last: so the order of the sequence is that of the commits.
  CREATE TABLE hs.head (
    part int PRIMARY KEY,
    seq int8 NOT NULL DEFAULT 0,
    chain text NOT NULL DEFAULT '',
    before text NOT NULL DEFAULT '',
    at float8 NOT NULL DEFAULT 0,
    floor_seq int8 NOT NULL DEFAULT 0,
    floor_chain text NOT NULL DEFAULT ''
  ) WITH (fillfactor = 10);
  INSERT INTO hs.head (part) SELECT generate_series(0, 15);

  CREATE TABLE hs.node (
    name bytea PRIMARY KEY,
    applied text NOT NULL,    -- JSON
    at float8 NOT NULL,
    lease float8 NOT NULL
  ) WITH (fillfactor = 50);

  CREATE TABLE hs.once (
    key bytea PRIMARY KEY,
    until float8 NOT NULL
  );
  CREATE INDEX once_by_until ON hs.once (until);

  CREATE TABLE hs.document (
    kind bytea NOT NULL,
    key bytea NOT NULL,
    value bytea NOT NULL,
    version int NOT NULL,
    PRIMARY KEY (kind, key)
  );
`

const second = `
  CREATE TABLE hs.rate (
    key bytea PRIMARY KEY,
    tat float8 NOT NULL       -- theoretical arrival time of the generic cell rate algorithm
  ) WITH (fillfactor = 70);
  CREATE INDEX rate_by_tat ON hs.rate (tat);

  CREATE FUNCTION hs.take(key_ bytea, burst_ float8, every_ float8, given_ float8) RETURNS float8 LANGUAGE plpgsql AS $$
  DECLARE
    now_ float8 := hs.clock(given_);
    spread float8 := (burst_ - 1) * every_;
    tat_ float8;
  BEGIN
    INSERT INTO hs.rate AS r VALUES (key_, now_ + every_)
      ON CONFLICT (key) DO UPDATE SET tat = greatest(r.tat, now_) + every_ WHERE r.tat <= now_ + spread;
    IF FOUND THEN RETURN 0; END IF;
    SELECT tat INTO tat_ FROM hs.rate WHERE key = key_;
    RETURN greatest(coalesce(tat_, 0) - spread - now_, 1);
  END $$;
  ALTER FUNCTION hs.take SET lock_timeout = 1500;

  ALTER FUNCTION hs.sweep(float8, int, float8) RENAME TO sweep_sessions;
  CREATE FUNCTION hs.sweep(before_ float8, limit_ int, given_ float8) RETURNS int LANGUAGE plpgsql AS $$
  BEGIN
    DELETE FROM hs.rate WHERE key IN (
      SELECT key FROM hs.rate WHERE tat <= least(before_, hs.clock(given_)) ORDER BY tat LIMIT limit_ FOR UPDATE SKIP LOCKED);
    RETURN hs.sweep_sessions(before_, limit_, given_);
  END $$;
`

export const migrations: readonly string[] = [first + functions, second]

/** Partitions of the log in Postgres: enough for commits to be written together, few enough to be asked for at once. */
export const partitions = 16
