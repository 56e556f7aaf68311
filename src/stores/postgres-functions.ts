/**
 * The operations of the store that read, decide and write: one function each, so that each is one round trip and one transaction. `hs.` stands for the schema's name.
 *
 * Order of locks: the user (advisory), sessions by sid, generations, and the head of a partition last; whatever logs several entries logs them in the end.
 */
export const functions = `
  CREATE FUNCTION hs.clock(given float8) RETURNS float8 LANGUAGE sql VOLATILE AS $$
    SELECT coalesce(given, floor(extract(epoch FROM clock_timestamp())::float8 * 1000))
  $$;

  CREATE TYPE hs.logged AS (seq int8, chain text, follows text, at float8);

  CREATE FUNCTION hs.append(part_ int, now_ float8, until_ float8, kind_ text, scope_ text, name_ bytea, sid_ text,
    number_ int, cause_ text) RETURNS hs.logged LANGUAGE plpgsql AS $$
  DECLARE
    result hs.logged;
  BEGIN
    UPDATE hs.head h SET seq = h.seq + 1, at = greatest(h.at, now_), before = h.chain,
      chain = left(translate(encode(sha256(convert_to(concat_ws(' ', h.chain, part_, h.seq + 1, greatest(h.at, now_),
        until_, kind_, coalesce(scope_, '-'), coalesce(encode(name_, 'hex'), '-'), coalesce(sid_, '-'),
        coalesce(number_, -1), coalesce(cause_, '-')), 'UTF8')), 'base64'), '+/', '-_'), 22)
      WHERE h.part = part_
      RETURNING h.seq, h.chain, h.before, h.at INTO result;
    IF NOT FOUND THEN RAISE EXCEPTION 'no head' USING ERRCODE = 'HS001'; END IF;
    INSERT INTO hs.log (part, seq, chain, at, until, kind, scope, name, sid, number, cause)
      VALUES (part_, result.seq, result.chain, result.at, until_, kind_, scope_, name_, sid_, number_, cause_);
    RETURN result;
  END $$;

  CREATE FUNCTION hs.generation_of(kind_ text, name_ bytea) RETURNS int LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT generation FROM hs.generation WHERE kind = kind_ AND name = name_), 0)
  $$;

  CREATE FUNCTION hs.is_standing(s hs.session, now_ float8) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT s.state = 'live' AND now_ < s.ends_at AND now_ < s.seen_at + s.idle
      AND s.user_generation >= coalesce(hs.generation_of('user', s.user_name), 0)
      AND s.everyone_generation >= hs.generation_of('everyone', '')
      AND (s.tenant IS NULL OR s.tenant_generation >= hs.generation_of('tenant', s.tenant))
  $$;

  CREATE FUNCTION hs.end_session(sid_ text, state_ text, detail_ text, now_ float8) RETURNS boolean
    LANGUAGE plpgsql AS $$
  BEGIN
    UPDATE hs.session SET state = state_, state_detail = detail_, state_at = now_, due = now_
      WHERE sid = sid_ AND state = 'live';
    IF NOT FOUND THEN RETURN false; END IF;
    DELETE FROM hs.data WHERE sid = sid_;
    RETURN true;
  END $$;

  CREATE FUNCTION hs.lock_user(name_ bytea) RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(hashtextextended('hs.session', hashtextextended(encode(name_, 'hex'), 0)))
  $$;

  -- taken, full, or inserted with those that were ended for it
  CREATE FUNCTION hs.insert_session(row_ json, keys_ bytea[], values_ text[], part_ int, count_ int, refuse_ boolean,
    replaces_ text, until_ float8, given_ float8, OUT outcome text, OUT evicted text[]) LANGUAGE plpgsql AS $$
  DECLARE
    fresh hs.session := json_populate_record(NULL::hs.session, row_);
    now_ float8 := hs.clock(given_);
    others text[];
    victim text;
  BEGIN
    evicted := '{}';
    IF count_ IS NOT NULL AND fresh.user_name IS NOT NULL THEN PERFORM hs.lock_user(fresh.user_name); END IF;
    IF EXISTS (SELECT 1 FROM hs.session WHERE sid = fresh.sid) THEN outcome := 'taken'; RETURN; END IF;
    IF count_ IS NOT NULL THEN
      SELECT coalesce(array_agg(s.sid ORDER BY s.seen_at DESC, s.created_at DESC, s.sid), '{}') INTO others
        FROM hs.session s WHERE s.user_name = fresh.user_name AND s.state = 'live'
          AND s.sid IS DISTINCT FROM replaces_ AND hs.is_standing(s, now_);
      IF cardinality(others) >= count_ THEN
        IF refuse_ THEN outcome := 'full'; RETURN; END IF;
        PERFORM 1 FROM hs.session WHERE sid = ANY (others[greatest(count_, 1):]) ORDER BY sid FOR UPDATE;
        FOREACH victim IN ARRAY others[greatest(count_, 1):] LOOP
          IF hs.end_session(victim, 'ended', 'evicted', now_) THEN evicted := victim || evicted; END IF;
        END LOOP;
      END IF;
    END IF;
    INSERT INTO hs.session SELECT (fresh).* ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN RAISE EXCEPTION 'taken' USING ERRCODE = 'HS002'; END IF;
    INSERT INTO hs.data SELECT fresh.sid, k, v, 1 FROM unnest(keys_, values_) AS given(k, v);
    FOREACH victim IN ARRAY evicted LOOP
      PERFORM hs.append(part_, now_, until_, 'kill', NULL, NULL, victim, NULL, 'evicted');
    END LOOP;
    outcome := 'inserted';
  END $$;

  CREATE FUNCTION hs.why_not(sid_ text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN EXISTS (SELECT 1 FROM hs.session WHERE sid = sid_ AND state = 'live') THEN 'changed' ELSE 'gone' END
  $$;

  CREATE FUNCTION hs.rotate(sid_ text, from_cur int, from_at float8, cur_ int, par_ int, grace_ text, forks_ int,
    at_ float8, seen_ float8) RETURNS text LANGUAGE plpgsql AS $$
  BEGIN
    UPDATE hs.session SET cur = cur_, par = par_, grace = grace_, forks = forks_, rotated_at = at_,
        seen_at = greatest(seen_at, seen_), due = least(greatest(seen_at, seen_) + idle, ends_at)
      WHERE sid = sid_ AND state = 'live' AND cur = from_cur AND rotated_at = from_at;
    RETURN CASE WHEN FOUND THEN 'done' ELSE hs.why_not(sid_) END;
  END $$;

  CREATE FUNCTION hs.advance(sid_ text, counter_ float8, presentation_ text, quiet_ float8, seen_ float8,
    given_ float8) RETURNS TABLE (was hs.session, present int, read_at float8, turned boolean) LANGUAGE plpgsql AS $$
  BEGIN
    read_at := hs.clock(given_);
    LOOP
      SELECT s.* INTO was FROM hs.session s WHERE s.sid = sid_;
      IF NOT FOUND THEN RETURN; END IF;
      present := hs.generation_of('user', was.user_name);
      turned := was.state = 'live' AND was.user_generation >= present AND NOT was.renew AND read_at < was.ends_at
        AND read_at < was.seen_at + was.idle AND was.cur = counter_ AND was.presentation = presentation_
        AND read_at - was.rotated_at > quiet_;
      EXIT WHEN NOT turned;
      UPDATE hs.session s SET cur = s.cur + 1, par = s.cur, grace = '[' || s.par || ',' || s.cur || ']', forks = 0,
          rotated_at = read_at, seen_at = greatest(s.seen_at, seen_),
          due = least(greatest(s.seen_at, seen_) + s.idle, s.ends_at)
        WHERE s.sid = sid_ AND s.state = 'live' AND s.cur = was.cur AND s.rotated_at = was.rotated_at
          AND s.version = was.version AND s.user_generation = was.user_generation AND s.renew = was.renew;
      EXIT WHEN FOUND;
    END LOOP;
    RETURN NEXT;
  END $$;

  CREATE FUNCTION hs.move(sid_ text, version_ int, from_cur int, from_at float8, row_ json, part_ int, until_ float8,
    given_ float8, OUT outcome text, OUT entry hs.logged) LANGUAGE plpgsql AS $$
  DECLARE
    fresh hs.session := json_populate_record(NULL::hs.session, row_);
    now_ float8 := hs.clock(given_);
    was hs.session;
  BEGIN
    SELECT s.* INTO was FROM hs.session s WHERE s.sid = sid_ AND s.state = 'live' FOR UPDATE;
    IF NOT FOUND THEN outcome := 'gone'; RETURN; END IF;
    IF was.version <> version_ OR was.cur <> from_cur OR was.rotated_at <> from_at THEN
      outcome := 'changed'; RETURN;
    END IF;
    fresh.data_version := was.data_version;
    INSERT INTO hs.session SELECT (fresh).* ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN RAISE EXCEPTION 'taken' USING ERRCODE = 'HS002'; END IF;
    UPDATE hs.data SET sid = fresh.sid WHERE sid = sid_;
    PERFORM hs.end_session(sid_, 'moved', fresh.sid, now_);
    entry := hs.append(part_, now_, until_, 'version', NULL, NULL, sid_, version_ + 1, NULL);
    outcome := 'done';
  END $$;

  CREATE FUNCTION hs.touch(sids_ text[], seen_ float8[]) RETURNS void LANGUAGE sql AS $$
    WITH given AS (SELECT * FROM unnest(sids_, seen_) AS g(sid, seen)),
      locked AS (
        SELECT s.sid, g.seen FROM hs.session s JOIN given g ON g.sid = s.sid
        WHERE s.state = 'live' AND s.seen_at < g.seen ORDER BY s.sid FOR UPDATE OF s)
    UPDATE hs.session s SET seen_at = l.seen, due = least(l.seen + s.idle, s.ends_at)
      FROM locked l WHERE s.sid = l.sid
  $$;

  CREATE FUNCTION hs.amend(sid_ text, from_ int, claims_ text, authentication_ text, renew_ boolean, part_ int, until_ float8, given_ float8,
    OUT outcome text, OUT entry hs.logged) LANGUAGE plpgsql AS $$
  BEGIN
    UPDATE hs.session SET version = version + 1, claims = coalesce(claims_, claims),
        authentication = coalesce(authentication_, authentication), renew = coalesce(renew_, renew)
      WHERE sid = sid_ AND state = 'live' AND version = from_;
    IF NOT FOUND THEN outcome := hs.why_not(sid_); RETURN; END IF;
    entry := hs.append(part_, hs.clock(given_), until_, 'version', NULL, NULL, sid_, from_ + 1, NULL);
    outcome := 'done';
  END $$;

  CREATE FUNCTION hs.kill(sid_ text, cause_ text, part_ int, until_ float8, given_ float8, OUT ended boolean,
    OUT entry hs.logged) LANGUAGE plpgsql AS $$
  DECLARE
    now_ float8 := hs.clock(given_);
  BEGIN
    ended := hs.end_session(sid_, 'ended', cause_, now_);
    IF ended THEN entry := hs.append(part_, now_, until_, 'kill', NULL, NULL, sid_, NULL, cause_); END IF;
  END $$;

  CREATE FUNCTION hs.bump(kind_ text, name_ bytea, spare_ text, cause_ text, part_ int, until_ float8, given_ float8,
    OUT raised int, OUT spared boolean, OUT entry hs.logged) LANGUAGE plpgsql AS $$
  BEGIN
    IF spare_ IS NOT NULL THEN PERFORM 1 FROM hs.session WHERE sid = spare_ FOR UPDATE; END IF;
    INSERT INTO hs.generation AS g VALUES (kind_, name_, 1)
      ON CONFLICT (kind, name) DO UPDATE SET generation = g.generation + 1 RETURNING g.generation INTO raised;
    spared := false;
    IF spare_ IS NOT NULL THEN
      UPDATE hs.session s SET user_generation = greatest(s.user_generation, raised)
        WHERE s.sid = spare_ AND s.state = 'live' AND kind_ = 'user' AND s.user_name = name_
          AND s.user_generation >= raised - 1;
      spared := FOUND;
    END IF;
    entry := hs.append(part_, hs.clock(given_), until_, 'generation', kind_, name_,
      CASE WHEN spared THEN spare_ END, raised, cause_);
  END $$;

  CREATE FUNCTION hs.retire_key(name_ bytea, until_ float8, given_ float8) RETURNS hs.logged LANGUAGE sql AS $$
    SELECT hs.append(0, hs.clock(given_), until_, 'key', NULL, name_, NULL, NULL, NULL)
  $$;

  CREATE FUNCTION hs.reassert(kind_ text, scope_ text, name_ bytea, sid_ text, number_ int, cause_ text, part_ int,
    until_ float8, given_ float8, OUT told boolean, OUT entry hs.logged) LANGUAGE plpgsql AS $$
  DECLARE
    now_ float8 := hs.clock(given_);
    ended boolean := false;
  BEGIN
    told := true;
    IF kind_ = 'kill' THEN ended := hs.end_session(sid_, 'ended', cause_, now_); END IF;
    IF kind_ = 'generation' THEN
      INSERT INTO hs.generation AS g VALUES (scope_, name_, number_)
        ON CONFLICT (kind, name) DO UPDATE SET generation = greatest(g.generation, excluded.generation);
    END IF;
    -- One at a time for each partition, so that it is logged once.
    PERFORM 1 FROM hs.head WHERE part = part_ FOR UPDATE;
    IF NOT ended AND EXISTS (SELECT 1 FROM hs.log l WHERE l.part = part_ AND l.kind = kind_ AND CASE kind_
        WHEN 'kill' THEN l.sid = sid_
        WHEN 'version' THEN l.sid = sid_ AND l.number >= number_
        WHEN 'key' THEN l.name = name_
        ELSE l.scope = scope_ AND l.name = name_ AND l.number >= number_ END) THEN
      told := false;
      RETURN;
    END IF;
    entry := hs.append(part_, now_, until_, kind_, scope_, name_, sid_, number_, cause_);
  END $$;

  CREATE FUNCTION hs.patch(sid_ text, keys_ bytea[], values_ text[], removed_ bytea[], expected_keys bytea[],
    expected_versions float8[], newest_ float8) RETURNS text LANGUAGE plpgsql AS $$
  DECLARE
    next_ int;
  BEGIN
    SELECT data_version + 1 INTO next_ FROM hs.session WHERE sid = sid_ AND state = 'live' FOR UPDATE;
    IF NOT FOUND THEN RETURN 'gone'; END IF;
    IF EXISTS (SELECT 1 FROM unnest(expected_keys, expected_versions) AS e(k, v)
        LEFT JOIN hs.data d ON d.sid = sid_ AND d.key = e.k WHERE coalesce(d.version, 0) <> e.v) THEN
      RETURN 'changed';
    END IF;
    IF newest_ IS NOT NULL AND EXISTS (SELECT 1 FROM hs.data WHERE sid = sid_ AND version > newest_) THEN
      RETURN 'changed';
    END IF;
    DELETE FROM hs.data WHERE sid = sid_ AND key = ANY (removed_);
    IF cardinality(keys_) = 0 THEN RETURN 'done'; END IF;
    INSERT INTO hs.data SELECT sid_, k, v, next_ FROM unnest(keys_, values_) AS given(k, v)
      ON CONFLICT (sid, key) DO UPDATE SET value = excluded.value, version = excluded.version;
    UPDATE hs.session SET data_version = next_ WHERE sid = sid_;
    RETURN 'done';
  END $$;

  CREATE FUNCTION hs.sweep(before_ float8, limit_ int, given_ float8) RETURNS int LANGUAGE plpgsql AS $$
  DECLARE
    past float8 := least(before_, hs.clock(given_));
    swept text[];
    part_ int;
    last_ int8;
  BEGIN
    SELECT array_agg(sid) INTO swept FROM (
      SELECT sid FROM hs.session WHERE due <= past ORDER BY due LIMIT limit_ FOR UPDATE SKIP LOCKED) AS due_first;
    DELETE FROM hs.data WHERE sid = ANY (swept);
    DELETE FROM hs.session WHERE sid = ANY (swept);
    DELETE FROM hs.once WHERE key IN (
      SELECT key FROM hs.once WHERE until <= past ORDER BY until LIMIT limit_ FOR UPDATE SKIP LOCKED);
    DELETE FROM hs.node WHERE at + 2 * lease + 60000 <= past;
    FOR part_ IN SELECT h.part FROM hs.head h WHERE EXISTS (
        SELECT 1 FROM hs.log l WHERE l.part = h.part AND l.seq = h.floor_seq + 1 AND l.until <= past)
        ORDER BY h.part LOOP
      PERFORM 1 FROM hs.head WHERE part = part_ FOR UPDATE;
      SELECT max(seq) INTO last_ FROM (
        SELECT seq, bool_and(until <= past) OVER (ORDER BY seq) AS is_over FROM (
          SELECT seq, until FROM hs.log WHERE part = part_ ORDER BY seq LIMIT limit_) AS oldest) AS walked WHERE is_over;
      CONTINUE WHEN last_ IS NULL;
      UPDATE hs.head SET floor_seq = last_, floor_chain = (SELECT chain FROM hs.log WHERE part = part_ AND seq = last_)
        WHERE part = part_;
      DELETE FROM hs.log WHERE part = part_ AND seq <= last_;
    END LOOP;
    RETURN coalesce(cardinality(swept), 0);
  END $$;

  -- Whoever waits for a lock has been given up by then: what was given up should not be carried out later.
  DO $$
  DECLARE
    name_ text;
  BEGIN
    FOREACH name_ IN ARRAY ARRAY['insert_session', 'rotate', 'advance', 'move', 'touch', 'amend', 'kill', 'bump', 'retire_key',
        'reassert', 'patch'] LOOP
      EXECUTE 'ALTER FUNCTION hs.' || quote_ident(name_) || ' SET lock_timeout = 1500';
    END LOOP;
  END $$;
`
