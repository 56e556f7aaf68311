import { prelude } from './redis-prelude.ts'

/**
 * One script for each operation, so that each is one round trip and one atomic step. Everything of a user, and the log of it, has one hash tag: `{A}` for partition 0, as in a sid.
 *
 * Every script gets the time (empty: the engine's own), the last instant at which it may still be carried out, and the prefix of all keys; KEYS[1] is a key of the partition. The answer is the
 * engine's time, and what the script returns; instead of that `late`.
 *
 * Keys, behind prefix and tag: `s` a session, `i` a bucket of users with their sessions by when they are due, `g` `t` `e` generations, `h` `l` head and log, `n` nodes, `o` what was used, `k` `j` documents.
 */
function script(body: string): string {
  return `${prelude}
local function run()
${body}
end
if not mayRun() then return { tostring(server), 'late' } end
return { tostring(server), run() }
`
}

const found = `
  local sid = ARGV[4]
  local r = load(sid)
  if not r then return 'none' end
`

/** The body of each, with its arguments from ARGV[4] on. */
export const scripts = {
  find: script(`${found}
  return { fmt(now), fmt(present(r)), raw(sid) }`),

  /** sid, a, b, owner or '', member, bucket, count or '', refuse, replaces, till, due, fields... */
  insert: script(`
  local sid = ARGV[4]
  if load(sid) then return { 'taken' } end
  local part = sid:sub(1, 1)
  local index = K(part, 'i', ARGV[9])
  local evicted = {}
  if ARGV[10] ~= '' then
    local others = {}
    if ARGV[7] ~= '' then
      local owner = ARGV[7]
      for _, one in ipairs(redis.call('ZRANGE', index, 0, -1)) do
        if one:sub(23) == owner and part .. one:sub(1, 22) ~= ARGV[12] then
          local r = load(part .. one:sub(1, 22))
          if r and standing(r) then others[#others + 1] = r end
        end
      end
    end
    local count = tonumber(ARGV[10])
    if #others >= count then
      if ARGV[11] == '1' then return { 'full' } end
      table.sort(others, function(x, y)
        if x.seen ~= y.seen then return x.seen > y.seen end
        if x.created ~= y.created then return x.created > y.created end
        return x.sid < y.sid
      end)
      for at = #others, math.max(count, 1), -1 do
        finish(others[at].sid, 'evicted', ARGV[13])
        evicted[#evicted + 1] = others[at].sid
      end
    end
  end
  local key = K(part, 's', sid:sub(2))
  redis.call('HSET', key, 'a', ARGV[5], 'b', ARGV[6])
  for at = 15, #ARGV, 2 do redis.call('HSET', key, ARGV[at], ARGV[at + 1]) end
  redis.call('ZADD', index, ARGV[14], ARGV[8])
  return { 'inserted', evicted }`),

  /** sid, from cur, from at, cur, par, forks, grace, at, seen */
  rotate: script(`
  local r = live(ARGV[4])
  if not r then return 'gone' end
  if r.cur ~= tonumber(ARGV[5]) or r.at ~= tonumber(ARGV[6]) then return 'changed' end
  r.cur, r.par, r.forks, r.grace, r.at = tonumber(ARGV[7]), tonumber(ARGV[8]), ARGV[9], ARGV[10], tonumber(ARGV[11])
  r.seen = math.max(r.seen, tonumber(ARGV[12]))
  save(r)
  reindex(r)
  return 'done'`),

  /** sid, counter, presentation, quiet, seen */
  advance: script(`${found}
  local was, generation = raw(sid), present(r)
  local turns = not r.state and r.ug >= generation and r.renew == '0' and now < r.ends and now < r.seen + r.idle
    and r.cur == tonumber(ARGV[5]) and r.presentation == ARGV[6] and now - r.at > tonumber(ARGV[7])
  if turns then
    r.grace = fmt(r.par) .. ',' .. fmt(r.cur)
    r.par, r.cur, r.forks, r.at = r.cur, r.cur + 1, '0', now
    r.seen = math.max(r.seen, tonumber(ARGV[8]))
    save(r)
    reindex(r)
  end
  return { fmt(now), fmt(generation), was, turns and '1' or '' }`),

  /** sid, version, cur, at, till, event, next sid, next a, next b, member, bucket, due, fields... */
  move: script(`
  local r = live(ARGV[4])
  if not r then return { 'gone' } end
  if r.version ~= tonumber(ARGV[5]) or r.cur ~= tonumber(ARGV[6]) or r.at ~= tonumber(ARGV[7]) then
    return { 'changed' }
  end
  local to = ARGV[10]
  if load(to) then return { 'taken' } end
  local part = to:sub(1, 1)
  local key = K(part, 's', to:sub(2))
  redis.call('HSET', key, 'a', ARGV[11], 'b', ARGV[12])
  for at = 16, #ARGV, 2 do redis.call('HSET', key, ARGV[at], ARGV[at + 1]) end
  local data = dataOf(r.key)
  for at = 1, #data, 2 do redis.call('HSET', key, data[at], data[at + 1]) end
  if r.data ~= 1 then redis.call('HSET', key, 'n', fmt(r.data)) end
  redis.call('ZADD', K(part, 'i', ARGV[14]), ARGV[15], ARGV[13])
  settle(r, 'm ' .. fmt(now) .. ' ' .. to)
  return { 'done', append(r.part, ARGV[8], ARGV[9]) }`),

  /** sid and instant, as often as there are */
  touch: script(`
  for at = 4, #ARGV, 2 do
    local r = live(ARGV[at])
    if r and r.seen < tonumber(ARGV[at + 1]) then
      r.seen = tonumber(ARGV[at + 1])
      save(r)
      reindex(r)
    end
  end
  return 'done'`),

  /** sid, version, till, event, renew ('' as it is), claims ('' as they are), authentication ('' as it is) */
  amend: script(`
  local r = live(ARGV[4])
  if not r then return { 'gone' } end
  if r.version ~= tonumber(ARGV[5]) then return { 'changed' } end
  r.version = r.version + 1
  if ARGV[8] ~= '' then r.renew = ARGV[8] end
  save(r)
  if ARGV[9] ~= '' then redis.call('HSET', r.key, 'l', ARGV[9]) end
  if ARGV[10] ~= '' then redis.call('HSET', r.key, 'y', ARGV[10]) end
  return { 'done', append(r.part, ARGV[6], ARGV[7]) }`),

  /** sid, cause, till */
  kill: script(`
  local entry = finish(ARGV[4], ARGV[5], ARGV[6])
  return entry and { 'done', entry } or { 'gone' }`),

  /** partition, kind (g, t, e), name, spare or '', till, event before its generation, after its spare */
  bump: script(`
  local part, kind, name, spare = ARGV[4], ARGV[5], ARGV[6], ARGV[7]
  local generation = redis.call('INCR', K(part, kind, name))
  local r = kind == 'g' and spare ~= '' and live(spare)
  local spared = r and r.user == name and r.ug >= generation - 1
  if spared then
    r.ug = math.max(r.ug, generation)
    save(r)
  end
  local event = ARGV[9] .. ',"generation":' .. fmt(generation) .. ',"spare":' .. (spared and '"' .. spare .. '"' or 'null') .. ARGV[10]
  return { fmt(generation), spared and '1' or '', append(part, ARGV[8], event) }`),

  /** partition, till, event */
  log: script(`
  return { 'done', append(ARGV[4], ARGV[5], ARGV[6]) }`),

  /** partition, kind, till, event, how such events begin, number or '', then sid and cause of a kill, kind and name of a scope */
  reassert: script(`
  local part, kind, beginning = ARGV[4], ARGV[5], ARGV[8]
  if kind == 'kill' then
    local entry = finish(ARGV[10], ARGV[11], ARGV[6])
    if entry then return { 'done', entry } end
  end
  if kind == 'generation' then
    local key = K(part, ARGV[10], ARGV[11])
    if tonumber(redis.call('GET', key) or 0) < tonumber(ARGV[9]) then redis.call('SET', key, ARGV[9]) end
  end
  for _, entry in ipairs(redis.call('XRANGE', K(part, 'l'), '-', '+')) do
    for at = 1, #entry[2], 2 do
      local event = entry[2][at + 1]
      if entry[2][at] == 'e' and event:sub(1, #beginning) == beginning then
        local number = event:sub(#beginning + 1):match('^%d+')
        if ARGV[9] == '' or tonumber(number) >= tonumber(ARGV[9]) then return { 'held' } end
      end
    end
  end
  return { 'done', append(part, ARGV[6], ARGV[7]) }`),

  /** partition, kind, name */
  generation: script(`
  return fmt(gen(ARGV[4], ARGV[5], ARGV[6]))`),

  /** sid, then keys, or none for all */
  data: script(`
  local r = live(ARGV[4])
  if not r then return 'none' end
  if ARGV[5] == 'all' then return dataOf(r.key) end
  local found = {}
  for at = 6, #ARGV do
    local value = redis.call('HGET', r.key, ARGV[at])
    if value then found[#found + 1] = ARGV[at]; found[#found + 1] = value end
  end
  return found`),

  /** sid, newest or '', number of set, of removed, of expected; key and value, key, key and version */
  patch: script(`
  local r = live(ARGV[4])
  if not r then return 'gone' end
  local sets, removes, expects = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
  local function version(value) return value and tonumber(value:match('^%S+')) or 0 end
  local at = 9 + 2 * sets + removes
  for index = at, at + 2 * expects - 1, 2 do
    if version(redis.call('HGET', r.key, ARGV[index])) ~= tonumber(ARGV[index + 1]) then return 'changed' end
  end
  if ARGV[5] ~= '' then
    local all = dataOf(r.key)
    for index = 2, #all, 2 do if version(all[index]) > tonumber(ARGV[5]) then return 'changed' end end
  end
  for index = 9 + 2 * sets, at - 1 do redis.call('HDEL', r.key, ARGV[index]) end
  if sets == 0 then return 'done' end
  local next_ = fmt(r.data + 1)
  for index = 9, 8 + 2 * sets, 2 do redis.call('HSET', r.key, ARGV[index], next_ .. ' ' .. ARGV[index + 1]) end
  redis.call('HSET', r.key, 'n', next_)
  return 'done'`),

  /** partition, bucket, owner */
  list: script(`
  local found = {}
  for _, one in ipairs(redis.call('ZRANGE', K(ARGV[4], 'i', ARGV[5]), 0, -1)) do
    if one:sub(23) == ARGV[6] then
      local sid = ARGV[4] .. one:sub(1, 22)
      local r = load(sid)
      if r and standing(r) then found[#found + 1] = { sid, raw(sid) } end
    end
  end
  return found`),

  /** partition, first bucket, buckets, about how many */
  scan: script(`
  local part, number, most, looked, found = ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6]), 0, {}
  while number < most and looked < tonumber(ARGV[7]) do
    for _, one in ipairs(redis.call('ZRANGEBYSCORE', K(part, 'i', tostring(number)), '(' .. fmt(now), '+inf')) do
      local sid = part .. one:sub(1, 22)
      local r = load(sid)
      if r and standing(r) then found[#found + 1] = { sid, raw(sid) } end
      looked = looked + 1
    end
    number = number + 1
  end
  return { fmt(number), found }`),

  /** partition, before, limit of sessions, first bucket, the one after the last, limit of entries */
  sweep: script(`
  local part, past, limit, swept = ARGV[4], math.min(tonumber(ARGV[5]), now), tonumber(ARGV[6]), 0
  local number = tonumber(ARGV[7])
  while number < tonumber(ARGV[8]) and swept < limit do
    local index = K(part, 'i', tostring(number))
    local found = redis.call('ZRANGEBYSCORE', index, '-inf', fmt(past), 'LIMIT', 0, fmt(limit - swept))
    for _, one in ipairs(found) do
      redis.call('DEL', K(part, 's', one:sub(1, 22)))
      redis.call('ZREM', index, one)
    end
    swept = swept + #found
    if swept < limit then number = number + 1 end
  end
  local most, last, chain = tonumber(ARGV[9]), nil, nil
  if most > 0 then
    for _, entry in ipairs(redis.call('XRANGE', K(part, 'l'), '-', '+', 'COUNT', fmt(most))) do
      local field = {}
      for at = 1, #entry[2], 2 do field[entry[2][at]] = entry[2][at + 1] end
      if tonumber(field.u) > past then break end
      last, chain = entry[1], field.c
    end
  end
  if last then
    local seq = last:match('^%d+')
    redis.call('XTRIM', K(part, 'l'), 'MINID', fmt(tonumber(seq) + 1) .. '-0')
    redis.call('HSET', K(part, 'h'), 'floor', seq, 'floorchain', chain)
  end
  if part == 'A' then
    for _, name in ipairs(redis.call('HKEYS', K('A', 'n'))) do
      local node = cjson.decode(redis.call('HGET', K('A', 'n'), name))
      if node.at + 2 * node.lease + 60000 <= past then redis.call('HDEL', K('A', 'n'), name) end
    end
  end
  return { fmt(swept), fmt(number) }`),

  /** node, lease, applied as JSON, partitions as letters */
  heartbeat: script(`
  if ARGV[5] ~= '0' then
    redis.call('HSET', K('A', 'n'), ARGV[4], '{"at":' .. fmt(now) .. ',"lease":' .. ARGV[5] .. ',"applied":' .. ARGV[6] .. '}')
  end
  local heads = {}
  for part in ARGV[7]:gmatch('.') do
    local head = redis.call('HMGET', K(part, 'h'), 'seq', 'chain')
    heads[#heads + 1] = head[1] or '0'
    heads[#heads + 1] = head[2] or ''
  end
  return { fmt(now), heads }`),

  followers: script(`
  return { fmt(now), redis.call('HGETALL', K('A', 'n')) }`),

  /** node */
  leave: script(`
  redis.call('HDEL', K('A', 'n'), ARGV[4])
  return 'done'`),

  /** partition, seq, limit */
  read: script(`
  local part, seq = ARGV[4], ARGV[5]
  local head = redis.call('HMGET', K(part, 'h'), 'seq', 'chain', 'floor', 'floorchain')
  local known
  if (head[3] or '0') == seq then
    known = head[4] or ''
  else
    local at = redis.call('XRANGE', K(part, 'l'), seq .. '-0', seq .. '-0')[1]
    for index = 1, at and #at[2] or 0, 2 do if at[2][index] == 'c' then known = at[2][index + 1] end end
  end
  local entries = {}
  if known and ARGV[6] ~= '0' then
    entries = redis.call('XRANGE', K(part, 'l'), fmt(tonumber(seq) + 1) .. '-0', '+', 'COUNT', ARGV[6])
  end
  return { head[1] or '0', head[2] or '', known and '=' .. known or '', entries }`),

  /** partition, since */
  tail: script(`
  local part = ARGV[4]
  local head = redis.call('HMGET', K(part, 'h'), 'seq', 'chain')
  local found = {}
  for _, entry in ipairs(redis.call('XRANGE', K(part, 'l'), '-', '+')) do
    for at = 1, #entry[2], 2 do
      if entry[2][at] == 'u' and tonumber(entry[2][at + 1]) > tonumber(ARGV[5]) then found[#found + 1] = entry end
    end
  end
  return { head[1] or '0', head[2] or '', '', found }`),

  /** partition, key, until */
  once: script(`
  local key = K(ARGV[4], 'o', ARGV[5])
  local before = redis.call('GET', key)
  if before and tonumber(before) > now then return '' end
  redis.call('SET', key, ARGV[6], 'PX', fmt(math.max(1, math.ceil(tonumber(ARGV[6]) - now)) + 1000))
  return '1'`),

  /** partition, key, burst, every */
  take: script(`
  local key, every = K(ARGV[4], 'r', ARGV[5]), tonumber(ARGV[7])
  local tat = math.max(tonumber(redis.call('GET', key) or 0), now) + every
  local wait = tat - tonumber(ARGV[6]) * every - now
  if wait > 0 then return fmt(wait) end
  redis.call('SET', key, fmt(tat), 'PX', fmt(math.max(1, math.ceil(tat - now)) + 1000))
  return '0'`),

  /** partition, key, every */
  give: script(`
  local key = K(ARGV[4], 'r', ARGV[5])
  local before = redis.call('GET', key)
  if not before then return 'done' end
  local tat = tonumber(before) - tonumber(ARGV[6])
  if tat <= now then redis.call('DEL', key) else redis.call('SET', key, fmt(tat), 'PX', fmt(math.ceil(tat - now) + 1000)) end
  return 'done'`),

  /** partition, key */
  forget: script(`
  redis.call('DEL', K(ARGV[4], 'r', ARGV[5]))
  return 'done'`),

  /** kind, key, value */
  insertDocument: script(`
  if redis.call('HSETNX', K('A', 'j', ARGV[4]), ARGV[5], '1 ' .. ARGV[6]) == 0 then return '' end
  redis.call('ZADD', K('A', 'k', ARGV[4]), 0, ARGV[5])
  return '1'`),

  /** kind, key */
  findDocument: script(`
  return redis.call('HGET', K('A', 'j', ARGV[4]), ARGV[5]) or ''`),

  /** kind, key, from, value */
  replaceDocument: script(`
  local value = redis.call('HGET', K('A', 'j', ARGV[4]), ARGV[5])
  local version = value and tonumber(value:match('^%d+'))
  if version ~= tonumber(ARGV[6]) then return '' end
  redis.call('HSET', K('A', 'j', ARGV[4]), ARGV[5], fmt(version + 1) .. ' ' .. ARGV[7])
  return '1'`),

  /** kind, key */
  removeDocument: script(`
  redis.call('ZREM', K('A', 'k', ARGV[4]), ARGV[5])
  return redis.call('HDEL', K('A', 'j', ARGV[4]), ARGV[5]) == 1 and '1' or ''`),

  /** kind, limit, beginning for ZRANGEBYLEX */
  listDocuments: script(`
  local found = {}
  for _, key in ipairs(redis.call('ZRANGEBYLEX', K('A', 'k', ARGV[4]), ARGV[6], '+', 'LIMIT', 0, ARGV[5])) do
    found[#found + 1] = key
    found[#found + 1] = redis.call('HGET', K('A', 'j', ARGV[4]), key)
  end
  return found`),
} as const

export type ScriptName = keyof typeof scripts
