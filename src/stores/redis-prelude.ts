/** What every script begins with: how a session is read and written, and how an entry is appended to the log. */
export const prelude = `
local stamp = redis.call('TIME')
local server = stamp[1] * 1000 + math.floor(stamp[2] / 1000)
local now = ARGV[1] == '' and server or tonumber(ARGV[1])
local P = ARGV[3]
local function fmt(x) return string.format('%.17g', x) end
local function K(part, kind, name) return P .. '{' .. part .. '}' .. kind .. (name or '') end
local function split(s) local r = {} for w in s:gmatch('%S+') do r[#r + 1] = w end return r end
local function instant(text, created)
  if text:sub(1, 1) == '=' then return tonumber(text:sub(2)) end
  return created + tonumber(text)
end
local function load(sid)
  local key = K(sid:sub(1, 1), 's', sid:sub(2))
  local f = redis.call('HMGET', key, 'a', 'b', 'u', 't', 'z', 'n')
  if not f[1] then return nil end
  local a, b = split(f[1]), split(f[2])
  local created = tonumber(a[1])
  return { sid = sid, part = sid:sub(1, 1), key = key, user = f[3], tenant = f[4], state = f[5],
    data = tonumber(f[6] or 1), created = created, idle = tonumber(a[2]), ends = instant(a[3], created),
    presentation = a[4]:sub(1, 1), seen = instant(b[1], created), at = instant(b[2], created), cur = tonumber(b[3]),
    par = tonumber(b[4]), forks = b[5], grace = b[6], version = tonumber(b[7]), ug = tonumber(b[8]),
    tg = tonumber(b[9]), eg = tonumber(b[10]), renew = b[11], bucket = b[12] }
end
local function live(sid)
  local r = load(sid)
  if r and not r.state then return r end
end
local function due(r) return math.min(r.seen + r.idle, r.ends) end
local function member(r) return r.sid:sub(2) .. (r.user and 'u' .. r.user or 'a') end
local function bucket(r) return K(r.part, 'i', r.bucket) end
local function hot(r)
  return table.concat({ fmt(r.seen - r.created), fmt(r.at - r.created), fmt(r.cur), fmt(r.par), r.forks, r.grace,
    fmt(r.version), fmt(r.ug), fmt(r.tg), fmt(r.eg), r.renew, r.bucket }, ' ')
end
local function save(r) redis.call('HSET', r.key, 'b', hot(r)) end
local function reindex(r) redis.call('ZADD', bucket(r), fmt(due(r)), member(r)) end
local function gen(part, kind, name) return tonumber(redis.call('GET', K(part, kind, name)) or 0) end
local function present(r) return r.user and gen(r.part, 'g', r.user) or 0 end
local function standing(r)
  return not r.state and now < r.ends and now < r.seen + r.idle and r.ug >= present(r) and r.eg >= gen('A', 'e')
    and (not r.tenant or r.tg >= gen('A', 't', r.tenant))
end
local fields = { 'a', 'b', 'u', 't', 'z', 'l', 'w', 'v', 'y', 'x' }
local function raw(sid)
  local f = redis.call('HMGET', K(sid:sub(1, 1), 's', sid:sub(2)), unpack(fields))
  for index = 1, #fields do if not f[index] then f[index] = '' else f[index] = '=' .. f[index] end end
  return f
end
local function dataOf(key)
  local found = {}
  local all = redis.call('HGETALL', key)
  for index = 1, #all, 2 do
    if all[index]:sub(1, 1) == 'd' then found[#found + 1] = all[index]; found[#found + 1] = all[index + 1] end
  end
  return found
end
local function drop(key)
  local found = dataOf(key)
  for index = 1, #found, 2 do redis.call('HDEL', key, found[index]) end
  redis.call('HDEL', key, 'n')
end
local function settle(r, state)
  redis.call('HSET', r.key, 'z', state)
  redis.call('ZADD', bucket(r), fmt(now), member(r))
  drop(r.key)
end
local function append(part, till, event)
  local h = K(part, 'h')
  local v = redis.call('HMGET', h, 'seq', 'chain', 'at')
  local seq, before = (tonumber(v[1] or 0)) + 1, v[2] or ''
  local at = math.max(tonumber(v[3] or 0), now)
  local chain = redis.sha1hex(table.concat({ before, part, fmt(seq), fmt(at), till, event }, ' ')):sub(1, 32)
  redis.call('HSET', h, 'seq', fmt(seq), 'chain', chain, 'at', fmt(at))
  redis.call('XADD', K(part, 'l'), fmt(seq) .. '-0', 'c', chain, 'a', fmt(at), 'u', till, 'e', event)
  return { fmt(seq), chain, before, fmt(at) }
end
local function killed(sid, cause) return '{"kind":"kill","sid":"' .. sid .. '","cause":"' .. cause .. '"}' end
local function finish(sid, cause, till)
  local r = live(sid)
  if not r then return nil end
  settle(r, 'e ' .. fmt(now) .. ' ' .. cause)
  return append(r.part, till, killed(sid, cause))
end
local function mayRun() return ARGV[2] == '' or server <= tonumber(ARGV[2]) end
`
