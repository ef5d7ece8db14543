-- A store of commit ee27ddf, for store-of-ee27ddf.test.ts: both schemas, with their tables as the migrations of that commit made them.
-- How it was made: that commit's `claimline start` with SHARDS=4, three places of examples/kupiansk-2025-11/gazetteer.ndjson as
-- GAZETTEER_FILE, an Apache Kafka, and the embedded PostgreSQL 18; then, over HTTP, statements, a retraction, a voided retraction, voids
-- with and without a reason, a reinstatement, an erased quote, a place that was registered, named and positioned, a merge, and a merge that
-- was undone; over Kafka a statement with a trace, a void and a dead letter; last a rebuild and a replay into a topic. The places are real,
-- the statements and their sources are invented. Schemas and rows were then read from the catalog and the tables of the running service.
-- It is run as one query, in an empty database. It is never changed: what a later version has to open is what this one left.

create extension if not exists pg_trgm with schema public;
create schema claimline;
create schema read_models;

CREATE FUNCTION claimline.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
  begin
    raise exception 'events are never changed: % on claimline.events is refused', tg_op using errcode = 'restrict_violation';
  end $function$;

create sequence claimline.log_migrations_id_seq as integer;

create table claimline.dead_letters (
  origin_topic text collate "C" not null,
  origin_partition integer not null,
  origin_offset bigint not null,
  code text not null,
  detail text not null,
  key bytea,
  value bytea,
  headers text not null,
  dead_at timestamp with time zone not null,
  outcome text,
  decided_at timestamp with time zone,
  decided_by text,
  event_id uuid
);
comment on table claimline.dead_letters is 'what the topic of dead letters holds, each once, and what became of it';

create table claimline.dead_letters_read (
  cluster text collate "C" not null,
  topic text collate "C" not null,
  partition integer not null,
  next_offset bigint not null
);
comment on table claimline.dead_letters_read is 'how far the topic of dead letters is read';

create table claimline.events (
  shard smallint not null,
  "position" bigint not null,
  recorded_at timestamp with time zone not null,
  event_id uuid not null,
  type text not null,
  stream text not null,
  digest bytea not null,
  chain bytea not null,
  body text not null,
  traceparent text
);
comment on column claimline.events.traceparent is 'the trace that the event came in with: no part of what is digested';

create table claimline.heads (
  shard smallint not null,
  "position" bigint not null,
  recorded_at timestamp with time zone,
  chain bytea not null
) with (fillfactor=20);

create table claimline.log_migrations (
  id integer default nextval('claimline.log_migrations_id_seq'::regclass) not null,
  "timestamp" bigint not null,
  name character varying not null
);

create table claimline.marks (
  id uuid not null,
  voided boolean not null,
  event_id uuid not null
);
comment on table claimline.marks is 'statements and retractions that were ever voided, with the event that marked them last';

create table claimline.place_names (
  folded text collate "C" not null,
  place_id text collate "C" not null
);
comment on table claimline.place_names is 'names of the register, folded; never those by which statements mention provisional places';

create table claimline.places (
  id text collate "C" not null,
  registered boolean not null,
  names jsonb not null,
  coordinates double precision[],
  country text,
  region text,
  within text,
  merged_into text,
  last_event uuid
);
comment on table claimline.places is 'every registered place, and every provisional one that a statement was recorded on';
comment on column claimline.places.last_event is 'the event of the register that touched it last';

create table claimline.quotes (
  id uuid not null,
  salt text,
  quote text,
  erased_at timestamp with time zone,
  erased_by text,
  erase_reason text
);
comment on table claimline.quotes is 'quoted text by the id of its statement or retraction; salt and text are null once erased';

create table claimline.relay_cursors (
  cluster text collate "C" not null,
  topic text collate "C" not null,
  shard smallint not null,
  "position" bigint not null
) with (fillfactor=20);
comment on table claimline.relay_cursors is 'for each topic that events are sent to, the last position of each shard that it has acknowledged';

create table claimline.replays (
  id uuid not null,
  kind text collate "C" not null,
  spec text not null,
  state text collate "C" not null,
  done bigint default 0 not null,
  total bigint,
  rate double precision,
  cursor text,
  result text,
  error text,
  cancel_requested boolean default false not null,
  attempts integer default 0 not null,
  created_at timestamp with time zone not null,
  started_at timestamp with time zone,
  updated_at timestamp with time zone not null,
  ended_at timestamp with time zone
) with (fillfactor=50);
comment on table claimline.replays is 'runs of replays: what is asked for, how far it is, what it came to';
comment on column claimline.replays.cursor is 'where it goes on when it is taken up again, in the words of its kind';
comment on column claimline.replays.attempts is 'how often it was taken up since its cursor last moved';

create table claimline.rulesets (
  version text not null,
  content text not null,
  digest text not null,
  first_used_at timestamp with time zone default now() not null
);

create table claimline.statement_ids (
  id uuid not null,
  digest bytea not null,
  event_id uuid not null
);
comment on table claimline.statement_ids is 'ids of statements and retractions, one name space over all shards';

create table claimline.store (
  id uuid not null,
  shards integer not null,
  created_at timestamp with time zone default now() not null,
  restoring boolean default false not null
);
comment on column claimline.store.restoring is 'an archive is being restored into it: what it holds is not whole yet';

create table claimline.tiles (
  shard smallint not null,
  level smallint not null,
  index bigint not null,
  hashes bytea not null
);
comment on table claimline.tiles is 'the Merkle tree of each shard, 256 hashes a tile: level 0 its leaves, complete tiles only; each level above the roots of the complete tiles below. Made of the events: what is deleted from the end is filled again';

create table read_models.checkpoint (
  shard smallint not null,
  "position" bigint not null,
  recorded_at timestamp with time zone
) with (fillfactor=20);
comment on table read_models.checkpoint is 'the last event applied of each shard';

create table read_models.generation (
  ruleset_version text not null,
  layout integer not null
);

create table read_models.location (
  id text collate "C" not null,
  root_id text collate "C" not null,
  register text default '[]'::text not null,
  name text,
  name_order text collate "C",
  search text,
  country text,
  region text,
  lon double precision,
  lat double precision
);
comment on table read_models.location is 'one row for each place; names and coordinates only for those that are not merged into another';
comment on column read_models.location.register is 'JSON of the events of the register that touched it, in order';
comment on column read_models.location.search is 'names, folded, each after a space';

create table read_models.location_state (
  id text collate "C" not null,
  tags text[] not null,
  statements integer not null,
  first_stated_at timestamp with time zone,
  last_stated_at timestamp with time zone,
  last_recorded_at timestamp with time zone not null,
  state text not null,
  etag text not null,
  history_digest text not null
);
comment on table read_models.location_state is 'the state of each place that is not merged into another; apart from location because it changes with every statement';
comment on column read_models.location_state.tags is 'status, flags and holders, to filter by';
comment on column read_models.location_state.state is 'the answer itself, as JSON';

create table read_models.state_history (
  location_id text collate "C" not null,
  "from" timestamp with time zone not null,
  "to" timestamp with time zone,
  status text not null,
  rule text not null,
  holders text[] not null,
  event_id uuid not null
);

create table read_models.timeline (
  statement_id uuid not null,
  event_id uuid not null,
  location_id text collate "C" not null,
  shard smallint not null,
  "position" bigint not null,
  recorded_at timestamp with time zone not null,
  stated_at timestamp with time zone not null,
  published_at timestamp with time zone not null,
  stance text collate "C" not null,
  predicate text collate "C" not null,
  party text collate "C" not null,
  side text collate "C" not null,
  speaker text collate "C",
  outlet text collate "C",
  url_hash uuid,
  said text not null,
  entry text not null,
  remarks text
);
comment on table read_models.timeline is 'one row for each statement, under the place that it was recorded on';
comment on column read_models.timeline.said is 'what folding reads: JSON of Said, with retractions and marks';
comment on column read_models.timeline.entry is 'what is shown of it: JSON of the data of its event';
comment on column read_models.timeline.remarks is 'what is shown of retractions and marks: JSON, by event id';

alter sequence claimline.log_migrations_id_seq owned by claimline.log_migrations.id;

insert into claimline.dead_letters (origin_topic, origin_partition, origin_offset, code, detail, key, value, headers, dead_at, outcome, decided_at, decided_by, event_id) values
  ('claimline.statements.v1', '0', '2', 'statement-invalid', '/stance must be one of "assert", "deny"', '\x4c796d616e', '\x7b2273746174656d656e744964223a2230303030303030302d303030302d343030302d383030302d303030303030303030303135222c227374616e6365223a2270657268617073222c22636c61696d223a7b22707265646963617465223a22636f6e74726f6c73222c226163746f72223a22727573736961227d2c226c6f636174696f6e223a7b226e616d65223a224c796d616e222c22636f756e747279223a225541227d2c22737065616b6572223a7b226e616d65223a2241206d6164652d75702073706f6b65736d616e206f6620727573736961222c227061727479223a22727573736961227d2c227374617465644174223a22323032352d31322d3034227d', '{"error-code":"statement-invalid","error-detail":"/stance must be one of \"assert\", \"deny\"","origin-topic":"claimline.statements.v1","origin-partition":"0","origin-offset":"2"}', '2026-11-28 22:27:58.464+00', null, null, null, null);

insert into claimline.dead_letters_read (cluster, topic, partition, next_offset) values
  ('RAkf4H7UQOu17yqnpNuciA', 'claimline.statements.dlq.v1', '3', '1');

insert into claimline.events (shard, "position", recorded_at, event_id, type, stream, digest, chain, body, traceparent) values
  ('0', '1', '2026-11-28 22:27:50.233+00', 'b7cb35a3-8633-53e2-8255-1dd989a7bdaa', 'claim.asserted', 'gn-703656', '\x8a4697b35ba1f53e4b7261b3380198f47f0df53019e4624f0164ce2e715df7b8', '\x84cf06fb4ae504cb340275f44eda3f75d1f95904bc54773dbf9cf3f85f1ba6f0', '{"data":{"claim":{"actor":"russia","certainty":"plain","modality":"actual","predicate":"captured"},"location":{"country":"UA","name":"Kupyansk"},"publishedAt":"2025-11-21T10:00:00.000Z","publishedPrecision":"time","source":{"outlet":"example.org","quoteDigest":"9b5dbdbb96f4b501cc8bd796181b19e38c1cc7f017b55d877dc5a9a37ee8595c","url":"https://example.org/1"},"speaker":{"name":"A made-up spokesman of russia","party":"russia"},"statedAt":"2025-11-20T00:00:00.000Z","statedPrecision":"day"},"eventId":"b7cb35a3-8633-53e2-8255-1dd989a7bdaa","schemaVersion":1,"statementId":"00000000-0000-4000-8000-000000000001","stream":"gn-703656","type":"claim.asserted"}', null),
  ('0', '10', '2026-11-28 22:27:56.557+00', '857b0c66-e840-4685-a687-184b4f152973', 'statement.reinstated', 'gn-703656', '\x8c73692123ee5e65fb98fe4c92431df00c456fcd2d7d02a8ca90d8f13accd507', '\x9f8144b5bac72402a6368a58280c0aa49310d5f5e661cf8df32e9125ef90d175', '{"by":"desk","data":{"reason":"it was right"},"eventId":"857b0c66-e840-4685-a687-184b4f152973","schemaVersion":1,"statementId":"00000000-0000-4000-8000-000000000009","stream":"gn-703656","type":"statement.reinstated"}', null),
  ('0', '11', '2026-11-28 22:27:56.75+00', 'eaa9c70b-2a22-5c4e-8d7f-5f935235c19e', 'claim.denied', 'e0e0430e-b305-583f-bf99-3dc7a5398a10', '\x6b052a47976614624a7545e0dcefef9703115899039a9e97f1601fe927cf7ffe', '\xbfcd8143af8d3b877a2ed243ff7b7ad2e33c743c04eafc8a5dce05c315dbb8bc', '{"data":{"claim":{"actor":"russia","certainty":"plain","modality":"actual","predicate":"captured"},"location":{"country":"UA","name":"Seversk"},"publishedAt":"2025-12-02T00:00:00.000Z","publishedPrecision":"day","speaker":{"name":"A made-up spokesman of ukraine","party":"ukraine"},"statedAt":"2025-12-02T00:00:00.000Z","statedPrecision":"day"},"eventId":"eaa9c70b-2a22-5c4e-8d7f-5f935235c19e","schemaVersion":1,"statementId":"00000000-0000-4000-8000-000000000011","stream":"e0e0430e-b305-583f-bf99-3dc7a5398a10","type":"claim.denied"}', null),
  ('0', '12', '2026-11-28 22:27:58.359+00', 'fd7695ce-be4a-5de9-9478-a70cd1ac6b65', 'claim.asserted', 'ec547032-41f2-53f9-a2d4-e748707f8d1b', '\xac1af13f289a9a2ee311e6ecc2cdfb8c7be404b2d2217114583d1e0cb1b70028', '\x66b30e55f8794c5fa52138a6195acb910fb28f37e9560d1dab56d312ec54b6ef', '{"data":{"claim":{"actor":"ukraine","certainty":"plain","modality":"actual","predicate":"controls"},"location":{"country":"UA","name":"Слов‘янськ"},"publishedAt":"2025-12-01T00:00:00.000Z","publishedPrecision":"day","speaker":{"name":"A made-up spokesman of ukraine","party":"ukraine"},"statedAt":"2025-12-01T00:00:00.000Z","statedPrecision":"day"},"eventId":"fd7695ce-be4a-5de9-9478-a70cd1ac6b65","schemaVersion":1,"statementId":"00000000-0000-4000-8000-000000000013","stream":"ec547032-41f2-53f9-a2d4-e748707f8d1b","type":"claim.asserted"}', null),
  ('0', '2', '2026-11-28 22:27:50.233+00', '5f7e3482-d432-5757-8953-5a87ed80c53b', 'claim.denied', 'gn-703656', '\x95938caf01c52e228d0163fcdc524c97ea953a013fccd8e9aa65c15d1294124e', '\xeee6981e88afcd350571001fadfed220caa763eea5eeab5db4d764a35b3e21b9', '{"data":{"claim":{"actor":"ukraine","certainty":"plain","modality":"actual","predicate":"lost"},"grading":{"credibility":2,"reliability":"B"},"location":{"country":"UA","name":"Купʼянськ"},"publishedAt":"2025-11-21T10:00:00.000Z","publishedPrecision":"time","source":{"outlet":"example.org","quoteDigest":"7fb7c15c3ef135cdfc9b7c0449d1fe22e40a1afb83d9bd5e8e3c189732e575d8","url":"https://example.org/2"},"speaker":{"name":"A made-up spokesman of ukraine","party":"ukraine"},"statedAt":"2025-11-21T00:00:00.000Z","statedPrecision":"day"},"eventId":"5f7e3482-d432-5757-8953-5a87ed80c53b","schemaVersion":1,"statementId":"00000000-0000-4000-8000-000000000002","stream":"gn-703656","type":"claim.denied"}', null),
  ('0', '3', '2026-11-28 22:27:50.233+00', '7e0c3444-e2d3-55bf-a938-2ebc6c7db97e', 'claim.asserted', 'gn-703656', '\xe51ea9ec8b240ee188ba162f8c14644a64fda68147fb39a71dd4f147e2aed8ae', '\x55dc9155a64364673c97fbb882a9b205651630bf81dcf43824732a71bfdae5e2', '{"data":{"claim":{"certainty":"plain","modality":"actual","predicate":"fighting"},"location":{"country":"UA","name":"Kupiansk"},"publishedAt":"2025-11-21T10:00:00.000Z","publishedPrecision":"time","source":{"outlet":"example.org","url":"https://example.org/3"},"statedAt":"2025-11-21T06:30:00.000Z","statedPrecision":"time"},"eventId":"7e0c3444-e2d3-55bf-a938-2ebc6c7db97e","schemaVersion":1,"statementId":"00000000-0000-4000-8000-000000000003","stream":"gn-703656","type":"claim.asserted"}', null),
  ('0', '4', '2026-11-28 22:27:53.46+00', '18de00e0-4e98-5ce7-a91b-8b454fa72bbf', 'claim.asserted', 'gn-703656', '\x59cbae56aa085a60b90845680013c31bb619da37cd052b3c365b97044a5c00d4', '\xc3148d8eb6c6b502db975b8cbc1b20bb64fedd526299a8976713987430a97e88', '{"data":{"claim":{"actor":"ukraine","certainty":"plain","modality":"actual","predicate":"captured"},"location":{"country":"UA","name":"Kupiansk"},"publishedAt":"2025-11-22T00:00:00.000Z","publishedPrecision":"day","speaker":{"name":"A made-up spokesman of russia","party":"russia"},"statedAt":"2025-11-22T00:00:00.000Z","statedPrecision":"day"},"eventId":"18de00e0-4e98-5ce7-a91b-8b454fa72bbf","schemaVersion":1,"statementId":"00000000-0000-4000-8000-000000000007","stream":"gn-703656","type":"claim.asserted"}', null),
  ('0', '5', '2026-11-28 22:27:53.481+00', '127aff63-0f89-59d5-b603-184164217709', 'claim.asserted', 'gn-703656', '\xbe415bdcecf53cdfbb96a5f0efb8548acc8b94009c6f69e2db0285cba87f16d6', '\x6ccac608125af83ad1b818ed129ccff563a473d9683a0e2ccca3cf8a4c8d7e6c', '{"data":{"claim":{"actor":"ukraine","certainty":"plain","modality":"actual","predicate":"withdrew"},"location":{"country":"UA","name":"Kupiansk"},"publishedAt":"2025-11-24T00:00:00.000Z","publishedPrecision":"day","speaker":{"name":"A made-up spokesman of ukraine","party":"ukraine"},"statedAt":"2025-11-24T00:00:00.000Z","statedPrecision":"day"},"eventId":"127aff63-0f89-59d5-b603-184164217709","schemaVersion":1,"statementId":"00000000-0000-4000-8000-000000000008","stream":"gn-703656","type":"claim.asserted"}', null),
  ('0', '6', '2026-11-28 22:27:55+00', '82bb7499-3b18-4362-a4f8-7efd9ad13f4d', 'statement.voided', 'gn-703656', '\x5df6f07d131f30d833618cad31a9cc55cf8992b1ca9b46b7635d2894158dddf7', '\xf86e3444ef5a50200841afe94da3e87867f2ec4eb9a034fadfeb5bd2c084f399', '{"by":"desk","data":{"reason":"the speakers are swapped"},"eventId":"82bb7499-3b18-4362-a4f8-7efd9ad13f4d","schemaVersion":1,"statementId":"00000000-0000-4000-8000-000000000007","stream":"gn-703656","type":"statement.voided"}', null),
  ('0', '7', '2026-11-28 22:27:55.009+00', 'f7dd756e-348d-4e62-a17f-0d12100992b0', 'statement.voided', 'gn-703656', '\x09680cd7812de1fa33d7c5f9dc6af57bb3533168ebf57ccc4c4878eb3ef017d1', '\x2248a56226f10a638bf03d0dae44b4595d2ad4d64ad4b9ef9ad7db9d1fc6cf0e', '{"by":"desk","data":{},"eventId":"f7dd756e-348d-4e62-a17f-0d12100992b0","schemaVersion":1,"statementId":"00000000-0000-4000-8000-000000000008","stream":"gn-703656","type":"statement.voided"}', null),
  ('0', '8', '2026-11-28 22:27:56.535+00', '1ac623c1-6f8a-58a3-889f-15c5d41f9840', 'claim.asserted', 'gn-703656', '\x5a06e9266d6a7ddc6bac6e8209a9023b302cf64d644293aa9cf0f19e694992b3', '\xac5670f7c07226409191c2936f85402e28f5363da063e0e66557984795a2639d', '{"data":{"claim":{"actor":"russia","certainty":"plain","modality":"actual","predicate":"encircled"},"location":{"country":"UA","name":"Kupiansk"},"publishedAt":"2025-11-19T00:00:00.000Z","publishedPrecision":"day","speaker":{"name":"A made-up spokesman of dnr","party":"dnr"},"statedAt":"2025-11-19T00:00:00.000Z","statedPrecision":"day"},"eventId":"1ac623c1-6f8a-58a3-889f-15c5d41f9840","schemaVersion":1,"statementId":"00000000-0000-4000-8000-000000000009","stream":"gn-703656","type":"claim.asserted"}', null),
  ('0', '9', '2026-11-28 22:27:56.543+00', 'e8e0afee-d074-4c18-a141-8f6593a495d2', 'statement.voided', 'gn-703656', '\x13a8305c71ca199b5f2bad1b503aec2a583e98b27898b25994ceab21b5f3ecc1', '\x4f8b2c14cb0ab268e6d1902c3365cee361f94ca2d5cd22fcca078a46c7f408f1', '{"data":{},"eventId":"e8e0afee-d074-4c18-a141-8f6593a495d2","schemaVersion":1,"statementId":"00000000-0000-4000-8000-000000000009","stream":"gn-703656","type":"statement.voided"}', null),
  ('1', '1', '2026-11-28 22:27:40.774+00', '07e25a40-9530-46d1-93eb-5077f13dc428', 'location.registered', 'register', '\xe60618683a1f516231742a759879a655f4b3f3ba017ae4d5f652a813eb46921e', '\x1260e14664b105514dbc41144cec6c0f75a48486564bbcfa661f6eeb0150d197', '{"data":{"coordinates":[36.5,49.5],"country":"UA","locationId":"gn-706482","names":[{"kind":"official","language":"en","name":"Kharkiv region","script":"Latn"},{"kind":"alias","language":"en","name":"Kharkiv Oblast","script":"Latn"},{"kind":"official","language":"uk","name":"Харківська область","script":"Cyrl"},{"kind":"alias","language":"ru","name":"Харьковская область","script":"Cyrl"}]},"eventId":"07e25a40-9530-46d1-93eb-5077f13dc428","schemaVersion":1,"stream":"register","type":"location.registered"}', null),
  ('1', '10', '2026-11-28 22:27:58.296+00', '4167c58d-d1f2-46d1-9d79-81e4fef27251', 'location.merged', 'register', '\x0263579810756b36c8d335c5d2aa5d13290fe500a08881a0e315f3c6a6c47fe8', '\x77430a3f2bba350a9ea925e1ac701dbd025c2cfc424c7e755e752d3c234570b0', '{"data":{"into":"siversk","locationId":"ccdec132-650c-57b3-9e35-ad378597f1e3"},"eventId":"4167c58d-d1f2-46d1-9d79-81e4fef27251","schemaVersion":1,"stream":"register","type":"location.merged"}', null),
  ('1', '11', '2026-11-28 22:27:58.341+00', '50d1b6ac-67ed-4ecc-9de3-a2e172aed61f', 'location.unmerged', 'register', '\xeec83582242a2b6dcf42f61d5e3cbd0650ca6add6b4febdfafea78aa43cb842f', '\x23e54382cfe39ea1cd9a32c4ba3543db275e1a8082e7c0fb20d1d6ae7e64dcff', '{"data":{"from":"siversk","locationId":"ccdec132-650c-57b3-9e35-ad378597f1e3","reason":"another town"},"eventId":"50d1b6ac-67ed-4ecc-9de3-a2e172aed61f","schemaVersion":1,"stream":"register","type":"location.unmerged"}', null),
  ('1', '2', '2026-11-28 22:27:40.774+00', 'fe6ff2fa-a9d0-4200-b58d-dc7062a06313', 'location.registered', 'register', '\x9b3dab30ced7cb05ac8db687939d8688983c7b7c71c79fb213bb6e30e9e2c669', '\x1d43b0de41cd51b81a0286cbe4ef20170592b91e9c0f2eef569dd2cdfd7b52ee', '{"data":{"coordinates":[37.608,49.717],"country":"UA","locationId":"gn-703656","names":[{"kind":"official","language":"en","name":"Kupiansk","script":"Latn"},{"kind":"alias","language":"en","name":"Kupyansk","script":"Latn"},{"kind":"official","language":"uk","name":"Купʼянськ","script":"Cyrl"},{"kind":"alias","language":"ru","name":"Купянск","script":"Cyrl"}],"region":"Kharkiv","within":"gn-706482"},"eventId":"fe6ff2fa-a9d0-4200-b58d-dc7062a06313","schemaVersion":1,"stream":"register","type":"location.registered"}', null),
  ('1', '3', '2026-11-28 22:27:40.774+00', '92eef179-b804-482e-bc84-3f12801beaf8', 'location.registered', 'register', '\xc51357fa67d4f78df48391cbfb2c3dae13cfd3a48eb62b633e77c5b925435a58', '\x396b272c72643ba3451b6256150c7afcc5a8df12b8fa021200a44828998575a7', '{"data":{"coordinates":[36.973,50.29],"country":"UA","locationId":"gn-689304","names":[{"kind":"official","language":"en","name":"Vovchansk","script":"Latn"},{"kind":"alias","language":"en","name":"Volchansk","script":"Latn"},{"kind":"official","language":"uk","name":"Вовчанськ","script":"Cyrl"},{"kind":"alias","language":"ru","name":"Волчанск","script":"Cyrl"}],"region":"Kharkiv","within":"gn-706482"},"eventId":"92eef179-b804-482e-bc84-3f12801beaf8","schemaVersion":1,"stream":"register","type":"location.registered"}', null),
  ('1', '4', '2026-11-28 22:27:56.575+00', '81e04389-a8d8-4f9d-92a5-8defe0a6f48a', 'location.registered', 'register', '\x6311eb9afcc3b8c49fa286f9a82d4617b06c1c04206b974bde9c58465b8f03dc', '\x0df36a36df984bfd6d5a45d051091460da000359fa7266fab67d55f840e2a178', '{"by":"curator","data":{"country":"UA","locationId":"siversk","names":[{"language":"en","name":"Siversk"}],"region":"Donetsk"},"eventId":"81e04389-a8d8-4f9d-92a5-8defe0a6f48a","schemaVersion":1,"stream":"register","type":"location.registered"}', null),
  ('1', '5', '2026-11-28 22:27:56.61+00', '22e3243e-02c5-4003-9ca1-11c57889e721', 'location.name-added', 'register', '\x7be6cb5fc3214f15cf81d8000f8169ea67611f74ab45075ed4737a88ced335ef', '\xf139711fecc73af2151a2f913ec8a8296b2e7ad7db9d97ecfe5be57e497b0564', '{"data":{"kind":"official","language":"uk","locationId":"siversk","name":"Сіверськ","script":"Cyrl"},"eventId":"22e3243e-02c5-4003-9ca1-11c57889e721","schemaVersion":1,"stream":"register","type":"location.name-added"}', null),
  ('1', '6', '2026-11-28 22:27:56.626+00', '7fae8842-2aa7-4ed7-8bf8-39b9748dc730', 'location.name-added', 'register', '\x1c8c09000d731fb5fc354ef7494c36ba716d29bbdb0d27662cf0e2905f88a6c4', '\x554563b713305d01da0144cedcba7bc0c1a79d82a5a5971a980202c33fa47ea6', '{"data":{"language":"en","locationId":"siversk","name":"Sieversk"},"eventId":"7fae8842-2aa7-4ed7-8bf8-39b9748dc730","schemaVersion":1,"stream":"register","type":"location.name-added"}', null),
  ('1', '7', '2026-11-28 22:27:56.645+00', '6c4331f9-d66f-48c1-bbc6-23ea017209b7', 'location.name-removed', 'register', '\x7adbfb5441da97fe0c1fafc6a17c9344ae92d17ca99a18ec6e919fd10190f721', '\xd4178619b56e8478a617948a6ad1fac8dac2a64acc5f23c2402ef9174571df95', '{"data":{"locationId":"siversk","name":"Sieversk","reason":"a slip"},"eventId":"6c4331f9-d66f-48c1-bbc6-23ea017209b7","schemaVersion":1,"stream":"register","type":"location.name-removed"}', null),
  ('1', '8', '2026-11-28 22:27:56.681+00', '1feeef40-0d2e-461f-979e-b6f0e161f901', 'location.positioned', 'register', '\x5fb5703fd5e51d7713ba4056b7d2260710359852af956664476308abdafb5330', '\x130780718b63d4345c1c0988a6d6842b71541683675c65d95554ab2cb04a120d', '{"data":{"coordinates":[38.1,48.867],"locationId":"siversk"},"eventId":"1feeef40-0d2e-461f-979e-b6f0e161f901","schemaVersion":1,"stream":"register","type":"location.positioned"}', null),
  ('1', '9', '2026-11-28 22:27:58.274+00', '47e8d682-c1f8-4e1b-a499-f3533068665f', 'location.merged', 'register', '\xa4066fcd216c6296de7e58f1693e243d14f81e81c28172ee204e70277b37a33c', '\x990991f12836ebd88f8ee54a3fcb8ec681f5145c86290d9e8edd9773cd6569e9', '{"by":"curator","data":{"into":"siversk","locationId":"e0e0430e-b305-583f-bf99-3dc7a5398a10","reason":"the Russian name"},"eventId":"47e8d682-c1f8-4e1b-a499-f3533068665f","schemaVersion":1,"stream":"register","type":"location.merged"}', null),
  ('2', '1', '2026-11-28 22:27:56.726+00', '2166f5b8-0cee-50aa-9f73-0592bba68046', 'claim.asserted', 'siversk', '\x7eb5316f7206d1e58157800af0cb00b2fe8ea98454b3a2e184a6fbf9e7d323a6', '\x5504cbe8db036e32f1838d6ce09539d370aad3935b5f4a7d47da621d0c39324c', '{"data":{"claim":{"actor":"russia","certainty":"plain","modality":"actual","predicate":"captured"},"location":{"country":"UA","name":"Siversk"},"publishedAt":"2025-12-01T00:00:00.000Z","publishedPrecision":"day","speaker":{"name":"A made-up spokesman of russia","party":"russia"},"statedAt":"2025-12-01T00:00:00.000Z","statedPrecision":"day"},"eventId":"2166f5b8-0cee-50aa-9f73-0592bba68046","schemaVersion":1,"statementId":"00000000-0000-4000-8000-000000000010","stream":"siversk","type":"claim.asserted"}', null),
  ('3', '1', '2026-11-28 22:27:51.807+00', '0cb14bfd-1c24-5c29-9bbf-fb10cb7a9995', 'claim.asserted', 'gn-689304', '\xec060b7cb19ef127f46f6e4c5203639344bc9c5f66b51c32e114c7c4b6c36420', '\xb3d64b7f2320bfd8e7399866fc11f6c0af69eaa4d322e996df451078923d928a', '{"data":{"claim":{"actor":"russia","certainty":"plain","extent":{"op":">","percent":80},"modality":"actual","predicate":"controls"},"location":{"country":"UA","name":"Volchansk"},"publishedAt":"2025-11-20T00:00:00.000Z","publishedPrecision":"day","speaker":{"name":"A made-up spokesman of russia","party":"russia"},"statedAt":"2025-11-20T00:00:00.000Z","statedPrecision":"day"},"eventId":"0cb14bfd-1c24-5c29-9bbf-fb10cb7a9995","schemaVersion":1,"statementId":"00000000-0000-4000-8000-000000000004","stream":"gn-689304","type":"claim.asserted"}', null),
  ('3', '2', '2026-11-28 22:27:51.826+00', 'e82fe99b-2ef5-555c-80cf-09c13512f910', 'claim.asserted', 'gn-689304', '\x99bd126192d052fb65e5f93cc9d5a7797f6848ad2cfeec3f398b264b1ba9c8df', '\x6775c12f66b50b948b1f6ee71f0b6e99dc2de9f58e579fda1aecf7141426c9f3', '{"data":{"claim":{"actor":"russia","certainty":"plain","modality":"actual","predicate":"captured"},"location":{"country":"UA","name":"Vovchansk"},"publishedAt":"2025-11-21T00:00:00.000Z","publishedPrecision":"day","speaker":{"name":"A made-up spokesman of dnr","party":"dnr"},"statedAt":"2025-11-21T00:00:00.000Z","statedPrecision":"day"},"eventId":"e82fe99b-2ef5-555c-80cf-09c13512f910","schemaVersion":1,"statementId":"00000000-0000-4000-8000-000000000005","stream":"gn-689304","type":"claim.asserted"}', null),
  ('3', '3', '2026-11-28 22:27:51.878+00', '80c2e974-6b5c-40fd-a318-8385e34155d8', 'claim.retracted', 'gn-689304', '\x5d5b6d94dc009daf6d22931767e9f8ca63a4df3948601041b0ff3d63e3b563ce', '\xca4ae07125d7c37ea7fd1b6bac3164e0a59ab4777a1ae28d5a7f3252d29d92f4', '{"by":"worker","data":{"publishedAt":"2025-11-23T00:00:00.000Z","publishedPrecision":"day","reason":"taken back","retractionId":"00000000-0000-4000-8000-000000000105","speaker":{"party":"dnr"},"statedAt":"2025-11-23T00:00:00.000Z","statedPrecision":"day"},"eventId":"80c2e974-6b5c-40fd-a318-8385e34155d8","schemaVersion":1,"statementId":"00000000-0000-4000-8000-000000000005","stream":"gn-689304","type":"claim.retracted"}', null),
  ('3', '4', '2026-11-28 22:27:51.897+00', '85c78610-a27b-5e13-b7eb-7a81d81cc72f', 'claim.asserted', 'gn-689304', '\x70ae965250c08996a7fd34d71dbc1e0af5700d0ca4dd9a0d52c41d7e5c6e6032', '\xbc3b4d1503f51d4250fa59452c3ac1e3cde45ef7779810553718056b33743c94', '{"data":{"claim":{"actor":"russia","certainty":"plain","modality":"actual","predicate":"entered"},"location":{"country":"UA","name":"Vovchansk"},"publishedAt":"2025-11-22T00:00:00.000Z","publishedPrecision":"day","speaker":{"name":"A made-up spokesman of russia","party":"russia"},"statedAt":"2025-11-22T00:00:00.000Z","statedPrecision":"day"},"eventId":"85c78610-a27b-5e13-b7eb-7a81d81cc72f","schemaVersion":1,"statementId":"00000000-0000-4000-8000-000000000006","stream":"gn-689304","type":"claim.asserted"}', null),
  ('3', '5', '2026-11-28 22:27:51.922+00', 'b78f521f-b612-447a-819f-4596c269524f', 'claim.retracted', 'gn-689304', '\xeec281e2c6359a86dd0b80a46f051ff4360cc999b75c6e38867ff03d01192a42', '\x9dc5222477cf3280b00dfd49301472e603776a365499eabc7da2485bc6b6dc85', '{"data":{"publishedAt":"2025-11-24T00:00:00.000Z","publishedPrecision":"day","retractionId":"00000000-0000-4000-8000-000000000106","speaker":{"party":"russia"},"statedAt":"2025-11-24T00:00:00.000Z","statedPrecision":"day"},"eventId":"b78f521f-b612-447a-819f-4596c269524f","schemaVersion":1,"statementId":"00000000-0000-4000-8000-000000000006","stream":"gn-689304","type":"claim.retracted"}', null),
  ('3', '6', '2026-11-28 22:27:51.937+00', '389b1706-c099-40bf-8cb7-d6070c5d1169', 'statement.voided', 'gn-689304', '\x1b25f49df9946cb7606f30d227d2c9d8874e5110e5c314332e02162bc43f767d', '\x55a3b62f5278935608dcf066885b0dec403ef035c1d95fad72bcc3a8d60c607e', '{"by":"desk","data":{"reason":"it was about another town","retractionId":"00000000-0000-4000-8000-000000000106"},"eventId":"389b1706-c099-40bf-8cb7-d6070c5d1169","schemaVersion":1,"statementId":"00000000-0000-4000-8000-000000000006","stream":"gn-689304","type":"statement.voided"}', null),
  ('3', '7', '2026-11-28 22:27:58.284+00', '403ee93a-ce2d-5f88-b13a-edd92186d20b', 'claim.asserted', 'ccdec132-650c-57b3-9e35-ad378597f1e3', '\x5336f2da98552c05097cba639aa132c78392862a2897d2580ed603ddc335b6bd', '\xba30909f9d8b3090d7e27714ef5d1ea791977fadb4d2d54e7d041da98160aab7', '{"data":{"claim":{"actor":"ukraine","certainty":"plain","modality":"actual","predicate":"lost"},"location":{"country":"UA","name":"Lyman"},"publishedAt":"2025-12-03T00:00:00.000Z","publishedPrecision":"day","speaker":{"name":"A made-up spokesman of ukraine","party":"ukraine"},"statedAt":"2025-12-03T00:00:00.000Z","statedPrecision":"day"},"eventId":"403ee93a-ce2d-5f88-b13a-edd92186d20b","schemaVersion":1,"statementId":"00000000-0000-4000-8000-000000000012","stream":"ccdec132-650c-57b3-9e35-ad378597f1e3","type":"claim.asserted"}', null),
  ('3', '8', '2026-11-28 22:27:58.434+00', '5eae6f52-412c-5848-ba8a-8b76c287e09c', 'claim.asserted', 'ccdec132-650c-57b3-9e35-ad378597f1e3', '\x77e8a75873c0a15a2a2f41aea061a70371c119bd5340eae38643567d59d289c1', '\x9dc7a329ebfddbf1ce1ef3e9e4cbf9540a9d2e517d1dd591b22472d732263377', '{"data":{"claim":{"actor":"russia","certainty":"plain","modality":"actual","predicate":"controls"},"location":{"country":"UA","name":"Lyman"},"publishedAt":"2025-12-04T00:00:00.000Z","publishedPrecision":"day","speaker":{"name":"A made-up spokesman of russia","party":"russia"},"statedAt":"2025-12-04T00:00:00.000Z","statedPrecision":"day"},"eventId":"5eae6f52-412c-5848-ba8a-8b76c287e09c","schemaVersion":1,"statementId":"00000000-0000-4000-8000-000000000014","stream":"ccdec132-650c-57b3-9e35-ad378597f1e3","type":"claim.asserted"}', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'),
  ('3', '9', '2026-11-28 22:27:58.442+00', '03772221-da07-5e0b-870b-27a0c98cc3b3', 'statement.voided', 'ccdec132-650c-57b3-9e35-ad378597f1e3', '\xbe16c14e74361f26fe359a75136f8db140b99464940dbdcbbe64c2751098a41f', '\x947d1ea9915f3741cd56dd4d10d5ce6196c44121cb0869e9e87e97984a45228c', '{"by":"worker","data":{"reason":"a misread denial"},"eventId":"03772221-da07-5e0b-870b-27a0c98cc3b3","schemaVersion":1,"statementId":"00000000-0000-4000-8000-000000000012","stream":"ccdec132-650c-57b3-9e35-ad378597f1e3","type":"statement.voided"}', null);

insert into claimline.heads (shard, "position", recorded_at, chain) values
  ('0', '12', '2026-11-28 22:27:58.359+00', '\x66b30e55f8794c5fa52138a6195acb910fb28f37e9560d1dab56d312ec54b6ef'),
  ('1', '11', '2026-11-28 22:27:58.341+00', '\x23e54382cfe39ea1cd9a32c4ba3543db275e1a8082e7c0fb20d1d6ae7e64dcff'),
  ('2', '1', '2026-11-28 22:27:56.726+00', '\x5504cbe8db036e32f1838d6ce09539d370aad3935b5f4a7d47da621d0c39324c'),
  ('3', '9', '2026-11-28 22:27:58.442+00', '\x947d1ea9915f3741cd56dd4d10d5ce6196c44121cb0869e9e87e97984a45228c');

insert into claimline.log_migrations (id, "timestamp", name) values
  ('1', '1763800000000', 'Log1763800000000'),
  ('2', '1764040000000', 'Kafka1764040000000'),
  ('3', '1764200000001', 'Trees1764200000001'),
  ('4', '1764200000002', 'Replays1764200000002'),
  ('5', '1764200000005', 'Restore1764200000005');

insert into claimline.marks (id, voided, event_id) values
  ('00000000-0000-4000-8000-000000000007', 'true', '82bb7499-3b18-4362-a4f8-7efd9ad13f4d'),
  ('00000000-0000-4000-8000-000000000008', 'true', 'f7dd756e-348d-4e62-a17f-0d12100992b0'),
  ('00000000-0000-4000-8000-000000000009', 'false', '857b0c66-e840-4685-a687-184b4f152973'),
  ('00000000-0000-4000-8000-000000000012', 'true', '03772221-da07-5e0b-870b-27a0c98cc3b3'),
  ('00000000-0000-4000-8000-000000000106', 'true', '389b1706-c099-40bf-8cb7-d6070c5d1169');

insert into claimline.place_names (folded, place_id) values
  ('kharkiv oblast', 'gn-706482'),
  ('kharkiv region', 'gn-706482'),
  ('kupiansk', 'gn-703656'),
  ('kupyansk', 'gn-703656'),
  ('siversk', 'siversk'),
  ('volchansk', 'gn-689304'),
  ('vovchansk', 'gn-689304'),
  ('вовчанськ', 'gn-689304'),
  ('волчанск', 'gn-689304'),
  ('куп''янськ', 'gn-703656'),
  ('купянск', 'gn-703656'),
  ('сіверськ', 'siversk'),
  ('харківська область', 'gn-706482'),
  ('харьковская область', 'gn-706482');

insert into claimline.places (id, registered, names, coordinates, country, region, within, merged_into, last_event) values
  ('ccdec132-650c-57b3-9e35-ad378597f1e3', 'false', '[]', null, null, null, null, null, '50d1b6ac-67ed-4ecc-9de3-a2e172aed61f'),
  ('e0e0430e-b305-583f-bf99-3dc7a5398a10', 'false', '[]', null, null, null, null, 'siversk', '47e8d682-c1f8-4e1b-a499-f3533068665f'),
  ('ec547032-41f2-53f9-a2d4-e748707f8d1b', 'false', '[]', null, null, null, null, null, null),
  ('gn-689304', 'true', '[{"kind": "official", "name": "Vovchansk", "script": "Latn", "language": "en"}, {"kind": "alias", "name": "Volchansk", "script": "Latn", "language": "en"}, {"kind": "official", "name": "Вовчанськ", "script": "Cyrl", "language": "uk"}, {"kind": "alias", "name": "Волчанск", "script": "Cyrl", "language": "ru"}]', '{36.973,50.29}', 'UA', 'Kharkiv', 'gn-706482', null, '92eef179-b804-482e-bc84-3f12801beaf8'),
  ('gn-703656', 'true', '[{"kind": "official", "name": "Kupiansk", "script": "Latn", "language": "en"}, {"kind": "alias", "name": "Kupyansk", "script": "Latn", "language": "en"}, {"kind": "official", "name": "Купʼянськ", "script": "Cyrl", "language": "uk"}, {"kind": "alias", "name": "Купянск", "script": "Cyrl", "language": "ru"}]', '{37.608,49.717}', 'UA', 'Kharkiv', 'gn-706482', null, 'fe6ff2fa-a9d0-4200-b58d-dc7062a06313'),
  ('gn-706482', 'true', '[{"kind": "official", "name": "Kharkiv region", "script": "Latn", "language": "en"}, {"kind": "alias", "name": "Kharkiv Oblast", "script": "Latn", "language": "en"}, {"kind": "official", "name": "Харківська область", "script": "Cyrl", "language": "uk"}, {"kind": "alias", "name": "Харьковская область", "script": "Cyrl", "language": "ru"}]', '{36.5,49.5}', 'UA', null, null, null, '07e25a40-9530-46d1-93eb-5077f13dc428'),
  ('siversk', 'true', '[{"name": "Siversk", "language": "en"}, {"kind": "official", "name": "Сіверськ", "script": "Cyrl", "language": "uk"}]', '{38.1,48.867}', 'UA', 'Donetsk', null, null, '1feeef40-0d2e-461f-979e-b6f0e161f901');

insert into claimline.quotes (id, salt, quote, erased_at, erased_by, erase_reason) values
  ('00000000-0000-4000-8000-000000000001', 'db1c8a707af0b01d73a4cab01d7a4cc3', 'An invented sentence: the town is ours.', null, null, null),
  ('00000000-0000-4000-8000-000000000002', null, null, '2026-11-28 22:27:50.289439+00', 'desk', 'asked for');

insert into claimline.relay_cursors (cluster, topic, shard, "position") values
  ('RAkf4H7UQOu17yqnpNuciA', 'claimline.events.v1', '0', '12'),
  ('RAkf4H7UQOu17yqnpNuciA', 'claimline.events.v1', '1', '11'),
  ('RAkf4H7UQOu17yqnpNuciA', 'claimline.events.v1', '2', '1'),
  ('RAkf4H7UQOu17yqnpNuciA', 'claimline.events.v1', '3', '9');

insert into claimline.replays (id, kind, spec, state, done, total, rate, cursor, result, error, cancel_requested, attempts, created_at, started_at, updated_at, ended_at) values
  ('aabfd6d9-4ab7-481a-9971-fdc12356e9b5', 'publish', '{"topic":"claimline-replayed","after":"0:0,1:0,2:0,3:0","to":"0:12,1:11,2:1,3:9","total":33}', 'done', '33', '33', null, '0:12,1:11,2:1,3:9', '{"topic":"claimline-replayed","token":"0:12,1:11,2:1,3:9","messages":33}', null, 'false', '1', '2026-11-28 22:28:04.342+00', '2026-11-28 22:28:04.358+00', '2026-11-28 22:28:04.663+00', '2026-11-28 22:28:04.663+00'),
  ('fb884650-a0b8-4cfa-bd00-49ba24700123', 'rebuild', '{"rulesetVersion":"2025-11-1","ruleset":{"version":"2025-11-1","sides":[{"id":"russia","name":"Russia","belligerent":true,"adversaries":["ukraine"]},{"id":"ukraine","name":"Ukraine","belligerent":true,"adversaries":["russia"]}],"parties":[{"id":"russia","side":"russia","names":["Russian Federation","Россия","Российская Федерация","Росія","Російська Федерація","Russian military","Russian army","Russian forces","Armed Forces of the Russian Federation","ВС РФ","Russian Ministry of Defence","Russian Defence Ministry","Минобороны России","Министерство обороны Российской Федерации"]},{"id":"dnr","side":"russia","names":["DNR","DPR","Donetsk People''s Republic","ДНР","Донецкая Народная Республика","Донецька Народна Республіка"]},{"id":"lnr","side":"russia","names":["LNR","LPR","Luhansk People''s Republic","Lugansk People''s Republic","ЛНР","Луганская Народная Республика","Луганська Народна Республіка"]},{"id":"wagner","side":"russia","names":["Wagner Group","PMC Wagner","Вагнер","ЧВК «Вагнер»","ПВК «Вагнер»"]},{"id":"north-korea","side":"russia","names":["North Korea","DPRK","КНДР"]},{"id":"ukraine","side":"ukraine","names":["Україна","Украина","Ukrainian military","Ukrainian army","Ukrainian forces","Ukrainian authorities","Armed Forces of Ukraine","Збройні сили України","ЗСУ","ВСУ","General Staff of the Armed Forces of Ukraine","Генеральний штаб ЗСУ","Ministry of Defence of Ukraine","Міністерство оборони України"]}]},"compare":false}', 'done', '33', '33', null, '{"mark":"16750","rebuilt":{"events":33,"seconds":0.3425882230000002,"rulesetVersion":"2025-11-1","digests":{"timeline":{"rows":14,"digest":"ecadaa19eef9610263adcc8629309cff"},"location":{"rows":7,"digest":"490eb5edf97cda39b91b63622f07ba51"},"location_state":{"rows":6,"digest":"2a1b492034c3471192de26f7e575d9d6"},"state_history":{"rows":8,"digest":"486cbc1fcbd788a5a2ad6f747f31352d"}},"token":"0:12,1:11,2:1,3:9","differing":[]}}', '{"events":33,"seconds":0.35419486600000005,"rulesetVersion":"2025-11-1","digests":{"timeline":{"rows":14,"digest":"ecadaa19eef9610263adcc8629309cff"},"location":{"rows":7,"digest":"490eb5edf97cda39b91b63622f07ba51"},"location_state":{"rows":6,"digest":"2a1b492034c3471192de26f7e575d9d6"},"state_history":{"rows":8,"digest":"486cbc1fcbd788a5a2ad6f747f31352d"}},"token":"0:12,1:11,2:1,3:9","differing":[]}', null, 'false', '1', '2026-11-28 22:28:02.446+00', '2026-11-28 22:28:03.631+00', '2026-11-28 22:28:04.068+00', '2026-11-28 22:28:04.068+00');

insert into claimline.rulesets (version, content, digest, first_used_at) values
  ('2025-11-1', '{"parties":[{"id":"russia","names":["Russian Federation","Россия","Российская Федерация","Росія","Російська Федерація","Russian military","Russian army","Russian forces","Armed Forces of the Russian Federation","ВС РФ","Russian Ministry of Defence","Russian Defence Ministry","Минобороны России","Министерство обороны Российской Федерации"],"side":"russia"},{"id":"dnr","names":["DNR","DPR","Donetsk People''s Republic","ДНР","Донецкая Народная Республика","Донецька Народна Республіка"],"side":"russia"},{"id":"lnr","names":["LNR","LPR","Luhansk People''s Republic","Lugansk People''s Republic","ЛНР","Луганская Народная Республика","Луганська Народна Республіка"],"side":"russia"},{"id":"wagner","names":["Wagner Group","PMC Wagner","Вагнер","ЧВК «Вагнер»","ПВК «Вагнер»"],"side":"russia"},{"id":"north-korea","names":["North Korea","DPRK","КНДР"],"side":"russia"},{"id":"ukraine","names":["Україна","Украина","Ukrainian military","Ukrainian army","Ukrainian forces","Ukrainian authorities","Armed Forces of Ukraine","Збройні сили України","ЗСУ","ВСУ","General Staff of the Armed Forces of Ukraine","Генеральний штаб ЗСУ","Ministry of Defence of Ukraine","Міністерство оборони України"],"side":"ukraine"}],"sides":[{"adversaries":["ukraine"],"belligerent":true,"id":"russia","name":"Russia"},{"adversaries":["russia"],"belligerent":true,"id":"ukraine","name":"Ukraine"}],"version":"2025-11-1"}', '868265534698a97467d0da37c9650dfbc7321460027472f6bd231719ca1c8857', '2026-11-28 22:27:40.62686+00');

insert into claimline.statement_ids (id, digest, event_id) values
  ('00000000-0000-4000-8000-000000000001', '\x5d0dc94deb7a94e432fd80a78ddb3aafcb9a2cb8a23d690e9529b1ec68f7ec75', 'b7cb35a3-8633-53e2-8255-1dd989a7bdaa'),
  ('00000000-0000-4000-8000-000000000002', '\x8657addaa4827c0165cbec351373ed86f60ba9179b23e2b67834011f1e779134', '5f7e3482-d432-5757-8953-5a87ed80c53b'),
  ('00000000-0000-4000-8000-000000000003', '\x63677da066d1fbad51698923eb5df1bfcc49762249ffbd9ca70953c25a0f85cb', '7e0c3444-e2d3-55bf-a938-2ebc6c7db97e'),
  ('00000000-0000-4000-8000-000000000004', '\x17a716abc4f59a4abb3ae769dcb064d5ff6afedc2f8a23928f6ad3b97adc3ee9', '0cb14bfd-1c24-5c29-9bbf-fb10cb7a9995'),
  ('00000000-0000-4000-8000-000000000005', '\x2e261d62d654bc6c0f73e2bed788d49ac4e7dd3c121ca149e02b5bc5f7c29db7', 'e82fe99b-2ef5-555c-80cf-09c13512f910'),
  ('00000000-0000-4000-8000-000000000006', '\x0d7827d391a0075fbd9ddd73f9fe9e649f056be691ee509b50fccdadc44f5076', '85c78610-a27b-5e13-b7eb-7a81d81cc72f'),
  ('00000000-0000-4000-8000-000000000007', '\x27f487e359a3cee58a8e466dbeed89f2115b32b82bc4e6bf9de2c7dac1c36041', '18de00e0-4e98-5ce7-a91b-8b454fa72bbf'),
  ('00000000-0000-4000-8000-000000000008', '\xb0eb31af59d71a0113e68f226b47b1d5b0a6372a783c56a3ff643dc3c5968e4b', '127aff63-0f89-59d5-b603-184164217709'),
  ('00000000-0000-4000-8000-000000000009', '\x7189e360d59780e90f22b7df4fae47bf3f2bc1918819fb449ad3643068027e81', '1ac623c1-6f8a-58a3-889f-15c5d41f9840'),
  ('00000000-0000-4000-8000-000000000010', '\x0561b4769d7f2d69c037281851fe6d3f463ad964ec53962476c26288c8c021e6', '2166f5b8-0cee-50aa-9f73-0592bba68046'),
  ('00000000-0000-4000-8000-000000000011', '\x8192663c45642cffafef78bea58fcaa06fe1e633b6e4cc2b38b1dd660c329414', 'eaa9c70b-2a22-5c4e-8d7f-5f935235c19e'),
  ('00000000-0000-4000-8000-000000000012', '\xeba5333683fbfca2084c19a1126a2dd83298f054b860f4a4c1a8e2fdbd2e5fde', '403ee93a-ce2d-5f88-b13a-edd92186d20b'),
  ('00000000-0000-4000-8000-000000000013', '\x8d4d2438e51b83fd64a555cdbc1d2dce931005a0492dc66cd286a89c92ec8b07', 'fd7695ce-be4a-5de9-9478-a70cd1ac6b65'),
  ('00000000-0000-4000-8000-000000000014', '\xd20a89792aaed319ffdcec6926447876f151c00e467b4b321b811c2921b15f85', '5eae6f52-412c-5848-ba8a-8b76c287e09c'),
  ('00000000-0000-4000-8000-000000000105', '\x4a53814b90308c29088088363d9dc57a305d1b5cf6c19598a61f6f9b00fa10c2', '80c2e974-6b5c-40fd-a318-8385e34155d8'),
  ('00000000-0000-4000-8000-000000000106', '\xb2564755f62e276151b212775f34237c0863ffbd1aad2c2b97a1fef213b60dcf', 'b78f521f-b612-447a-819f-4596c269524f');

insert into claimline.store (id, shards, created_at, restoring) values
  ('153dbc4c-ab00-406e-853c-6bc6f158f3fa', '4', '2026-11-28 22:27:40.605481+00', 'false');

insert into read_models.checkpoint (shard, "position", recorded_at) values
  ('0', '12', '2026-11-28 22:27:58.359+00'),
  ('1', '11', '2026-11-28 22:27:58.341+00'),
  ('2', '1', '2026-11-28 22:27:56.726+00'),
  ('3', '9', '2026-11-28 22:27:58.442+00');

insert into read_models.generation (ruleset_version, layout) values
  ('2025-11-1', '2');

insert into read_models.location (id, root_id, register, name, name_order, search, country, region, lon, lat) values
  ('ccdec132-650c-57b3-9e35-ad378597f1e3', 'ccdec132-650c-57b3-9e35-ad378597f1e3', '[{"type":"location.merged","data":{"into":"siversk","locationId":"ccdec132-650c-57b3-9e35-ad378597f1e3"},"shard":1,"position":10,"recordedAt":"2026-11-28T22:27:58.296Z"},{"type":"location.unmerged","data":{"from":"siversk","locationId":"ccdec132-650c-57b3-9e35-ad378597f1e3","reason":"another town"},"shard":1,"position":11,"recordedAt":"2026-11-28T22:27:58.341Z"}]', 'Lyman', 'lyman', ' lyman', 'UA', null, null, null),
  ('e0e0430e-b305-583f-bf99-3dc7a5398a10', 'siversk', '[{"type":"location.merged","data":{"into":"siversk","locationId":"e0e0430e-b305-583f-bf99-3dc7a5398a10","reason":"the Russian name"},"shard":1,"position":9,"recordedAt":"2026-11-28T22:27:58.274Z"}]', null, null, null, null, null, null, null),
  ('ec547032-41f2-53f9-a2d4-e748707f8d1b', 'ec547032-41f2-53f9-a2d4-e748707f8d1b', '[]', 'Слов‘янськ', 'слов‘янськ', ' слов‘янськ
 слов янськ', 'UA', null, null, null),
  ('gn-689304', 'gn-689304', '[{"type":"location.registered","data":{"coordinates":[36.973,50.29],"country":"UA","locationId":"gn-689304","names":[{"kind":"official","language":"en","name":"Vovchansk","script":"Latn"},{"kind":"alias","language":"en","name":"Volchansk","script":"Latn"},{"kind":"official","language":"uk","name":"Вовчанськ","script":"Cyrl"},{"kind":"alias","language":"ru","name":"Волчанск","script":"Cyrl"}],"region":"Kharkiv","within":"gn-706482"},"shard":1,"position":3,"recordedAt":"2026-11-28T22:27:40.774Z"}]', 'Vovchansk', 'vovchansk', ' vovchansk
 volchansk
 вовчанськ
 волчанск', 'UA', 'Kharkiv', '36.973', '50.29'),
  ('gn-703656', 'gn-703656', '[{"type":"location.registered","data":{"coordinates":[37.608,49.717],"country":"UA","locationId":"gn-703656","names":[{"kind":"official","language":"en","name":"Kupiansk","script":"Latn"},{"kind":"alias","language":"en","name":"Kupyansk","script":"Latn"},{"kind":"official","language":"uk","name":"Купʼянськ","script":"Cyrl"},{"kind":"alias","language":"ru","name":"Купянск","script":"Cyrl"}],"region":"Kharkiv","within":"gn-706482"},"shard":1,"position":2,"recordedAt":"2026-11-28T22:27:40.774Z"}]', 'Kupiansk', 'kupiansk', ' kupiansk
 kupyansk
 куп''янськ
 купянск
 куп янськ', 'UA', 'Kharkiv', '37.608', '49.717'),
  ('gn-706482', 'gn-706482', '[{"type":"location.registered","data":{"coordinates":[36.5,49.5],"country":"UA","locationId":"gn-706482","names":[{"kind":"official","language":"en","name":"Kharkiv region","script":"Latn"},{"kind":"alias","language":"en","name":"Kharkiv Oblast","script":"Latn"},{"kind":"official","language":"uk","name":"Харківська область","script":"Cyrl"},{"kind":"alias","language":"ru","name":"Харьковская область","script":"Cyrl"}]},"shard":1,"position":1,"recordedAt":"2026-11-28T22:27:40.774Z"}]', 'Kharkiv region', 'kharkiv region', ' kharkiv region
 kharkiv oblast
 харківська область
 харьковская область', 'UA', null, '36.5', '49.5'),
  ('siversk', 'siversk', '[{"type":"location.registered","data":{"country":"UA","locationId":"siversk","names":[{"language":"en","name":"Siversk"}],"region":"Donetsk"},"shard":1,"position":4,"recordedAt":"2026-11-28T22:27:56.575Z"},{"type":"location.name-added","data":{"kind":"official","language":"uk","locationId":"siversk","name":"Сіверськ","script":"Cyrl"},"shard":1,"position":5,"recordedAt":"2026-11-28T22:27:56.610Z"},{"type":"location.name-added","data":{"language":"en","locationId":"siversk","name":"Sieversk"},"shard":1,"position":6,"recordedAt":"2026-11-28T22:27:56.626Z"},{"type":"location.name-removed","data":{"locationId":"siversk","name":"Sieversk","reason":"a slip"},"shard":1,"position":7,"recordedAt":"2026-11-28T22:27:56.645Z"},{"type":"location.positioned","data":{"coordinates":[38.1,48.867],"locationId":"siversk"},"shard":1,"position":8,"recordedAt":"2026-11-28T22:27:56.681Z"},{"type":"location.merged","data":{"into":"siversk","locationId":"e0e0430e-b305-583f-bf99-3dc7a5398a10","reason":"the Russian name"},"shard":1,"position":9,"recordedAt":"2026-11-28T22:27:58.274Z"},{"type":"location.merged","data":{"into":"siversk","locationId":"ccdec132-650c-57b3-9e35-ad378597f1e3"},"shard":1,"position":10,"recordedAt":"2026-11-28T22:27:58.296Z"},{"type":"location.unmerged","data":{"from":"siversk","locationId":"ccdec132-650c-57b3-9e35-ad378597f1e3","reason":"another town"},"shard":1,"position":11,"recordedAt":"2026-11-28T22:27:58.341Z"}]', 'Siversk', 'siversk', ' siversk
 сіверськ
 seversk', 'UA', 'Donetsk', '38.1', '48.867');

insert into read_models.location_state (id, tags, statements, first_stated_at, last_stated_at, last_recorded_at, state, etag, history_digest) values
  ('ccdec132-650c-57b3-9e35-ad378597f1e3', '{flag:provisional,holder:side:russia,status:claimed}', '1', '2025-12-04 00:00:00+00', '2025-12-04 00:00:00+00', '2026-11-28 22:27:58.442+00', '{"id":"ccdec132-650c-57b3-9e35-ad378597f1e3","name":"Lyman","names":[{"name":"Lyman","kind":"alias"}],"coordinates":null,"country":"UA","region":null,"within":null,"merged":[],"status":"claimed","rule":"claimed/one-side","since":"2025-12-04T00:00:00.000Z","asOf":null,"knownAt":null,"control":[{"holder":"russia","actors":["russia"],"standing":"claimed","rule":"claimed/one-side","extent":null,"assertedBy":[{"side":"russia","party":"russia","speaker":"A made-up spokesman of russia","statedAt":"2025-12-04T00:00:00.000Z","statementId":"00000000-0000-4000-8000-000000000014","eventId":"5eae6f52-412c-5848-ba8a-8b76c287e09c"}],"deniedBy":[],"concededBy":[]}],"flags":[{"flag":"provisional","holder":null,"assertedBy":[],"deniedBy":[],"evidence":["5eae6f52-412c-5848-ba8a-8b76c287e09c"]}],"statements":1,"origins":1,"firstStatedAt":"2025-12-04T00:00:00.000Z","lastStatedAt":"2025-12-04T00:00:00.000Z","lastRecordedAt":"2026-11-28T22:27:58.442Z","rulesetVersion":"2025-11-1","token":"1:11,3:9"}', '"RphNewqrf2hbX83WlnUUbt"', '5BqBRZTJmtrsTpex8e_VKI'),
  ('ec547032-41f2-53f9-a2d4-e748707f8d1b', '{flag:provisional,holder:side:ukraine,status:claimed}', '1', '2025-12-01 00:00:00+00', '2025-12-01 00:00:00+00', '2026-11-28 22:27:58.359+00', '{"id":"ec547032-41f2-53f9-a2d4-e748707f8d1b","name":"Слов‘янськ","names":[{"name":"Слов‘янськ","kind":"alias"}],"coordinates":null,"country":"UA","region":null,"within":null,"merged":[],"status":"claimed","rule":"claimed/one-side","since":"2025-12-01T00:00:00.000Z","asOf":null,"knownAt":null,"control":[{"holder":"ukraine","actors":["ukraine"],"standing":"claimed","rule":"claimed/one-side","extent":null,"assertedBy":[{"side":"ukraine","party":"ukraine","speaker":"A made-up spokesman of ukraine","statedAt":"2025-12-01T00:00:00.000Z","statementId":"00000000-0000-4000-8000-000000000013","eventId":"fd7695ce-be4a-5de9-9478-a70cd1ac6b65"}],"deniedBy":[],"concededBy":[]}],"flags":[{"flag":"provisional","holder":null,"assertedBy":[],"deniedBy":[],"evidence":["fd7695ce-be4a-5de9-9478-a70cd1ac6b65"]}],"statements":1,"origins":1,"firstStatedAt":"2025-12-01T00:00:00.000Z","lastStatedAt":"2025-12-01T00:00:00.000Z","lastRecordedAt":"2026-11-28T22:27:58.359Z","rulesetVersion":"2025-11-1","token":"0:12"}', '"hQPh3Ak5LyPkPghB41OSvW"', 'sDr7wO_nDqdqsR5_XYZ-ya'),
  ('gn-689304', '{flag:partial,flag:presence,holder:side:russia,status:claimed}', '3', '2025-11-20 00:00:00+00', '2025-11-22 00:00:00+00', '2026-11-28 22:27:51.937+00', '{"id":"gn-689304","name":"Vovchansk","names":[{"name":"Vovchansk","language":"en","script":"Latn","kind":"official"},{"name":"Volchansk","language":"en","script":"Latn","kind":"alias"},{"name":"Вовчанськ","language":"uk","script":"Cyrl","kind":"official"},{"name":"Волчанск","language":"ru","script":"Cyrl","kind":"alias"}],"coordinates":[36.973,50.29],"country":"UA","region":"Kharkiv","within":"gn-706482","merged":[],"status":"claimed","rule":"claimed/one-side","since":"2025-11-20T00:00:00.000Z","asOf":null,"knownAt":null,"control":[{"holder":"russia","actors":["russia"],"standing":"claimed","rule":"claimed/one-side","extent":{"op":">","percent":80},"assertedBy":[{"side":"russia","party":"russia","speaker":"A made-up spokesman of russia","statedAt":"2025-11-20T00:00:00.000Z","statementId":"00000000-0000-4000-8000-000000000004","eventId":"0cb14bfd-1c24-5c29-9bbf-fb10cb7a9995"}],"deniedBy":[],"concededBy":[]}],"flags":[{"flag":"partial","holder":"russia","assertedBy":["russia"],"deniedBy":[],"evidence":["0cb14bfd-1c24-5c29-9bbf-fb10cb7a9995"]},{"flag":"presence","holder":"russia","assertedBy":["russia"],"deniedBy":[],"evidence":["85c78610-a27b-5e13-b7eb-7a81d81cc72f"]}],"statements":3,"origins":2,"firstStatedAt":"2025-11-20T00:00:00.000Z","lastStatedAt":"2025-11-22T00:00:00.000Z","lastRecordedAt":"2026-11-28T22:27:51.937Z","rulesetVersion":"2025-11-1","token":"1:3,3:6"}', '"vkdj8am1PG5UUX2adgqlkk"', 'E6OprfTNQHo4J-Y7Jzb9eL'),
  ('gn-703656', '{flag:encirclement,flag:fighting,holder:side:russia,holder:side:ukraine,status:contested}', '4', '2025-11-19 00:00:00+00', '2025-11-21 06:30:00+00', '2026-11-28 22:27:56.557+00', '{"id":"gn-703656","name":"Kupiansk","names":[{"name":"Kupiansk","language":"en","script":"Latn","kind":"official"},{"name":"Kupyansk","language":"en","script":"Latn","kind":"alias"},{"name":"Купʼянськ","language":"uk","script":"Cyrl","kind":"official"},{"name":"Купянск","language":"ru","script":"Cyrl","kind":"alias"}],"coordinates":[37.608,49.717],"country":"UA","region":"Kharkiv","within":"gn-706482","merged":[],"status":"contested","rule":"contested/two-holders","since":"2025-11-21T00:00:00.000Z","asOf":null,"knownAt":null,"control":[{"holder":"russia","actors":["russia"],"standing":"claimed","rule":"claimed/one-side","extent":null,"assertedBy":[{"side":"russia","party":"russia","speaker":"A made-up spokesman of russia","statedAt":"2025-11-20T00:00:00.000Z","statementId":"00000000-0000-4000-8000-000000000001","eventId":"b7cb35a3-8633-53e2-8255-1dd989a7bdaa"}],"deniedBy":[],"concededBy":[]},{"holder":"ukraine","actors":["ukraine"],"standing":"claimed","rule":"claimed/one-side","extent":null,"assertedBy":[{"side":"ukraine","party":"ukraine","speaker":"A made-up spokesman of ukraine","statedAt":"2025-11-21T00:00:00.000Z","statementId":"00000000-0000-4000-8000-000000000002","eventId":"5f7e3482-d432-5757-8953-5a87ed80c53b"}],"deniedBy":[],"concededBy":[]}],"flags":[{"flag":"encirclement","holder":"russia","assertedBy":["russia"],"deniedBy":[],"evidence":["1ac623c1-6f8a-58a3-889f-15c5d41f9840"]},{"flag":"fighting","holder":null,"assertedBy":["independent:example.org"],"deniedBy":[],"evidence":["7e0c3444-e2d3-55bf-a938-2ebc6c7db97e"]}],"statements":4,"origins":4,"firstStatedAt":"2025-11-19T00:00:00.000Z","lastStatedAt":"2025-11-21T06:30:00.000Z","lastRecordedAt":"2026-11-28T22:27:56.557Z","rulesetVersion":"2025-11-1","token":"0:10,1:2"}', '"U10dTqeD81yHZIa8aFFJd0"', 'mukgGgAQvs_Lpg02YRMC9-'),
  ('gn-706482', '{status:unclaimed}', '0', null, null, '2026-11-28 22:27:40.774+00', '{"id":"gn-706482","name":"Kharkiv region","names":[{"name":"Kharkiv region","language":"en","script":"Latn","kind":"official"},{"name":"Kharkiv Oblast","language":"en","script":"Latn","kind":"alias"},{"name":"Харківська область","language":"uk","script":"Cyrl","kind":"official"},{"name":"Харьковская область","language":"ru","script":"Cyrl","kind":"alias"}],"coordinates":[36.5,49.5],"country":"UA","region":null,"within":null,"merged":[],"status":"unclaimed","rule":"unclaimed/no-holder","since":null,"asOf":null,"knownAt":null,"control":[],"flags":[],"statements":0,"origins":0,"firstStatedAt":null,"lastStatedAt":null,"lastRecordedAt":"2026-11-28T22:27:40.774Z","rulesetVersion":"2025-11-1","token":"1:1"}', '"rLw4eENxda-2UTGDlXeSQ-"', 'T1PNoYwrqgwDVLtfmj7L5e'),
  ('siversk', '{holder:side:russia,status:contested}', '2', '2025-12-01 00:00:00+00', '2025-12-02 00:00:00+00', '2026-11-28 22:27:58.341+00', '{"id":"siversk","name":"Siversk","names":[{"name":"Siversk","language":"en"},{"name":"Сіверськ","language":"uk","script":"Cyrl","kind":"official"},{"name":"Seversk","kind":"alias"}],"coordinates":[38.1,48.867],"country":"UA","region":"Donetsk","within":null,"merged":["e0e0430e-b305-583f-bf99-3dc7a5398a10"],"status":"contested","rule":"contested/one-disputed","since":"2025-12-02T00:00:00.000Z","asOf":null,"knownAt":null,"control":[{"holder":"russia","actors":["russia"],"standing":"disputed","rule":"disputed/claimed-and-denied","extent":null,"assertedBy":[{"side":"russia","party":"russia","speaker":"A made-up spokesman of russia","statedAt":"2025-12-01T00:00:00.000Z","statementId":"00000000-0000-4000-8000-000000000010","eventId":"2166f5b8-0cee-50aa-9f73-0592bba68046"}],"deniedBy":[{"side":"ukraine","party":"ukraine","speaker":"A made-up spokesman of ukraine","statedAt":"2025-12-02T00:00:00.000Z","statementId":"00000000-0000-4000-8000-000000000011","eventId":"eaa9c70b-2a22-5c4e-8d7f-5f935235c19e"}],"concededBy":[]}],"flags":[],"statements":2,"origins":2,"firstStatedAt":"2025-12-01T00:00:00.000Z","lastStatedAt":"2025-12-02T00:00:00.000Z","lastRecordedAt":"2026-11-28T22:27:58.341Z","rulesetVersion":"2025-11-1","token":"0:11,1:11,2:1"}', '"Z2qN-DeJjOAL8D5MqGuL-M"', 'xb8Jf76HtLoWYW00YzqrVL');

insert into read_models.state_history (location_id, "from", "to", status, rule, holders, event_id) values
  ('ccdec132-650c-57b3-9e35-ad378597f1e3', '2025-12-04 00:00:00+00', null, 'claimed', 'claimed/one-side', '{russia}', '5eae6f52-412c-5848-ba8a-8b76c287e09c'),
  ('ec547032-41f2-53f9-a2d4-e748707f8d1b', '2025-12-01 00:00:00+00', null, 'claimed', 'claimed/one-side', '{ukraine}', 'fd7695ce-be4a-5de9-9478-a70cd1ac6b65'),
  ('gn-689304', '2025-11-20 00:00:00+00', null, 'claimed', 'claimed/one-side', '{russia}', '0cb14bfd-1c24-5c29-9bbf-fb10cb7a9995'),
  ('gn-703656', '2025-11-19 00:00:00+00', '2025-11-20 00:00:00+00', 'unclaimed', 'unclaimed/no-holder', '{}', '1ac623c1-6f8a-58a3-889f-15c5d41f9840'),
  ('gn-703656', '2025-11-20 00:00:00+00', '2025-11-21 00:00:00+00', 'claimed', 'claimed/one-side', '{russia}', 'b7cb35a3-8633-53e2-8255-1dd989a7bdaa'),
  ('gn-703656', '2025-11-21 00:00:00+00', null, 'contested', 'contested/two-holders', '{russia,ukraine}', '5f7e3482-d432-5757-8953-5a87ed80c53b'),
  ('siversk', '2025-12-01 00:00:00+00', '2025-12-02 00:00:00+00', 'claimed', 'claimed/one-side', '{russia}', '2166f5b8-0cee-50aa-9f73-0592bba68046'),
  ('siversk', '2025-12-02 00:00:00+00', null, 'contested', 'contested/one-disputed', '{russia}', 'eaa9c70b-2a22-5c4e-8d7f-5f935235c19e');

insert into read_models.timeline (statement_id, event_id, location_id, shard, "position", recorded_at, stated_at, published_at, stance, predicate, party, side, speaker, outlet, url_hash, said, entry, remarks) values
  ('00000000-0000-4000-8000-000000000001', 'b7cb35a3-8633-53e2-8255-1dd989a7bdaa', 'gn-703656', '0', '1', '2026-11-28 22:27:50.233+00', '2025-11-20 00:00:00+00', '2025-11-21 10:00:00+00', 'assert', 'captured', 'side:russia', 'side:russia', 'a made-up spokesman of russia', 'example.org', '18c17418-f5ad-82f0-63ef-70de0bd2d3e7', '{"statementId":"00000000-0000-4000-8000-000000000001","eventId":"b7cb35a3-8633-53e2-8255-1dd989a7bdaa","shard":0,"position":1,"recordedAt":"2026-11-28T22:27:50.233Z","statedAt":"2025-11-20T00:00:00.000Z","publishedAt":"2025-11-21T10:00:00.000Z","stance":"assert","predicate":"captured","actor":"russia","party":"russia","name":"A made-up spokesman of russia","origin":"A made-up spokesman of russia","place":{"country":"UA","name":"Kupyansk"},"retractions":[],"marks":[]}', '{"claim":{"actor":"russia","certainty":"plain","modality":"actual","predicate":"captured"},"location":{"country":"UA","name":"Kupyansk"},"publishedAt":"2025-11-21T10:00:00.000Z","publishedPrecision":"time","source":{"outlet":"example.org","quoteDigest":"9b5dbdbb96f4b501cc8bd796181b19e38c1cc7f017b55d877dc5a9a37ee8595c","url":"https://example.org/1"},"speaker":{"name":"A made-up spokesman of russia","party":"russia"},"statedAt":"2025-11-20T00:00:00.000Z","statedPrecision":"day"}', null),
  ('00000000-0000-4000-8000-000000000002', '5f7e3482-d432-5757-8953-5a87ed80c53b', 'gn-703656', '0', '2', '2026-11-28 22:27:50.233+00', '2025-11-21 00:00:00+00', '2025-11-21 10:00:00+00', 'deny', 'lost', 'side:ukraine', 'side:ukraine', 'a made-up spokesman of ukraine', 'example.org', '5691104f-7e94-2e71-e952-a82b2e58c861', '{"statementId":"00000000-0000-4000-8000-000000000002","eventId":"5f7e3482-d432-5757-8953-5a87ed80c53b","shard":0,"position":2,"recordedAt":"2026-11-28T22:27:50.233Z","statedAt":"2025-11-21T00:00:00.000Z","publishedAt":"2025-11-21T10:00:00.000Z","stance":"deny","predicate":"lost","actor":"ukraine","party":"ukraine","name":"A made-up spokesman of ukraine","origin":"A made-up spokesman of ukraine","place":{"country":"UA","name":"Купʼянськ"},"retractions":[],"marks":[]}', '{"claim":{"actor":"ukraine","certainty":"plain","modality":"actual","predicate":"lost"},"grading":{"credibility":2,"reliability":"B"},"location":{"country":"UA","name":"Купʼянськ"},"publishedAt":"2025-11-21T10:00:00.000Z","publishedPrecision":"time","source":{"outlet":"example.org","quoteDigest":"7fb7c15c3ef135cdfc9b7c0449d1fe22e40a1afb83d9bd5e8e3c189732e575d8","url":"https://example.org/2"},"speaker":{"name":"A made-up spokesman of ukraine","party":"ukraine"},"statedAt":"2025-11-21T00:00:00.000Z","statedPrecision":"day"}', null),
  ('00000000-0000-4000-8000-000000000003', '7e0c3444-e2d3-55bf-a938-2ebc6c7db97e', 'gn-703656', '0', '3', '2026-11-28 22:27:50.233+00', '2025-11-21 06:30:00+00', '2025-11-21 10:00:00+00', 'assert', 'fighting', 'independent:example.org', 'independent:example.org', null, 'example.org', 'a559a03b-f5b8-b2f4-71dc-0bad5c20739b', '{"statementId":"00000000-0000-4000-8000-000000000003","eventId":"7e0c3444-e2d3-55bf-a938-2ebc6c7db97e","shard":0,"position":3,"recordedAt":"2026-11-28T22:27:50.233Z","statedAt":"2025-11-21T06:30:00.000Z","publishedAt":"2025-11-21T10:00:00.000Z","stance":"assert","predicate":"fighting","origin":"example.org","place":{"country":"UA","name":"Kupiansk"},"retractions":[],"marks":[]}', '{"claim":{"certainty":"plain","modality":"actual","predicate":"fighting"},"location":{"country":"UA","name":"Kupiansk"},"publishedAt":"2025-11-21T10:00:00.000Z","publishedPrecision":"time","source":{"outlet":"example.org","url":"https://example.org/3"},"statedAt":"2025-11-21T06:30:00.000Z","statedPrecision":"time"}', null),
  ('00000000-0000-4000-8000-000000000004', '0cb14bfd-1c24-5c29-9bbf-fb10cb7a9995', 'gn-689304', '3', '1', '2026-11-28 22:27:51.807+00', '2025-11-20 00:00:00+00', '2025-11-20 00:00:00+00', 'assert', 'controls', 'side:russia', 'side:russia', 'a made-up spokesman of russia', null, null, '{"statementId":"00000000-0000-4000-8000-000000000004","eventId":"0cb14bfd-1c24-5c29-9bbf-fb10cb7a9995","shard":3,"position":1,"recordedAt":"2026-11-28T22:27:51.807Z","statedAt":"2025-11-20T00:00:00.000Z","publishedAt":"2025-11-20T00:00:00.000Z","stance":"assert","predicate":"controls","actor":"russia","extent":{"op":">","percent":80},"party":"russia","name":"A made-up spokesman of russia","origin":"A made-up spokesman of russia","place":{"country":"UA","name":"Volchansk"},"retractions":[],"marks":[]}', '{"claim":{"actor":"russia","certainty":"plain","extent":{"op":">","percent":80},"modality":"actual","predicate":"controls"},"location":{"country":"UA","name":"Volchansk"},"publishedAt":"2025-11-20T00:00:00.000Z","publishedPrecision":"day","speaker":{"name":"A made-up spokesman of russia","party":"russia"},"statedAt":"2025-11-20T00:00:00.000Z","statedPrecision":"day"}', null),
  ('00000000-0000-4000-8000-000000000005', 'e82fe99b-2ef5-555c-80cf-09c13512f910', 'gn-689304', '3', '2', '2026-11-28 22:27:51.826+00', '2025-11-21 00:00:00+00', '2025-11-21 00:00:00+00', 'assert', 'captured', 'side:dnr', 'side:russia', 'a made-up spokesman of dnr', null, null, '{"statementId":"00000000-0000-4000-8000-000000000005","eventId":"e82fe99b-2ef5-555c-80cf-09c13512f910","shard":3,"position":2,"recordedAt":"2026-11-28T22:27:51.826Z","statedAt":"2025-11-21T00:00:00.000Z","publishedAt":"2025-11-21T00:00:00.000Z","stance":"assert","predicate":"captured","actor":"russia","party":"dnr","name":"A made-up spokesman of dnr","origin":"A made-up spokesman of dnr","place":{"country":"UA","name":"Vovchansk"},"retractions":[{"retractionId":"00000000-0000-4000-8000-000000000105","eventId":"80c2e974-6b5c-40fd-a318-8385e34155d8","statedAt":"2025-11-23T00:00:00.000Z","publishedAt":"2025-11-23T00:00:00.000Z","recordedAt":"2026-11-28T22:27:51.878Z","position":3,"marks":[]}],"marks":[]}', '{"claim":{"actor":"russia","certainty":"plain","modality":"actual","predicate":"captured"},"location":{"country":"UA","name":"Vovchansk"},"publishedAt":"2025-11-21T00:00:00.000Z","publishedPrecision":"day","speaker":{"name":"A made-up spokesman of dnr","party":"dnr"},"statedAt":"2025-11-21T00:00:00.000Z","statedPrecision":"day"}', '{"80c2e974-6b5c-40fd-a318-8385e34155d8":{"publishedAt":"2025-11-23T00:00:00.000Z","publishedPrecision":"day","reason":"taken back","retractionId":"00000000-0000-4000-8000-000000000105","speaker":{"party":"dnr"},"statedAt":"2025-11-23T00:00:00.000Z","statedPrecision":"day","by":"worker"}}'),
  ('00000000-0000-4000-8000-000000000006', '85c78610-a27b-5e13-b7eb-7a81d81cc72f', 'gn-689304', '3', '4', '2026-11-28 22:27:51.897+00', '2025-11-22 00:00:00+00', '2025-11-22 00:00:00+00', 'assert', 'entered', 'side:russia', 'side:russia', 'a made-up spokesman of russia', null, null, '{"statementId":"00000000-0000-4000-8000-000000000006","eventId":"85c78610-a27b-5e13-b7eb-7a81d81cc72f","shard":3,"position":4,"recordedAt":"2026-11-28T22:27:51.897Z","statedAt":"2025-11-22T00:00:00.000Z","publishedAt":"2025-11-22T00:00:00.000Z","stance":"assert","predicate":"entered","actor":"russia","party":"russia","name":"A made-up spokesman of russia","origin":"A made-up spokesman of russia","place":{"country":"UA","name":"Vovchansk"},"retractions":[{"retractionId":"00000000-0000-4000-8000-000000000106","eventId":"b78f521f-b612-447a-819f-4596c269524f","statedAt":"2025-11-24T00:00:00.000Z","publishedAt":"2025-11-24T00:00:00.000Z","recordedAt":"2026-11-28T22:27:51.922Z","position":5,"marks":[{"voided":true,"eventId":"389b1706-c099-40bf-8cb7-d6070c5d1169","recordedAt":"2026-11-28T22:27:51.937Z","position":6}]}],"marks":[]}', '{"claim":{"actor":"russia","certainty":"plain","modality":"actual","predicate":"entered"},"location":{"country":"UA","name":"Vovchansk"},"publishedAt":"2025-11-22T00:00:00.000Z","publishedPrecision":"day","speaker":{"name":"A made-up spokesman of russia","party":"russia"},"statedAt":"2025-11-22T00:00:00.000Z","statedPrecision":"day"}', '{"b78f521f-b612-447a-819f-4596c269524f":{"publishedAt":"2025-11-24T00:00:00.000Z","publishedPrecision":"day","retractionId":"00000000-0000-4000-8000-000000000106","speaker":{"party":"russia"},"statedAt":"2025-11-24T00:00:00.000Z","statedPrecision":"day"},"389b1706-c099-40bf-8cb7-d6070c5d1169":{"reason":"it was about another town","retractionId":"00000000-0000-4000-8000-000000000106","by":"desk"}}'),
  ('00000000-0000-4000-8000-000000000007', '18de00e0-4e98-5ce7-a91b-8b454fa72bbf', 'gn-703656', '0', '4', '2026-11-28 22:27:53.46+00', '2025-11-22 00:00:00+00', '2025-11-22 00:00:00+00', 'assert', 'captured', 'side:russia', 'side:russia', 'a made-up spokesman of russia', null, null, '{"statementId":"00000000-0000-4000-8000-000000000007","eventId":"18de00e0-4e98-5ce7-a91b-8b454fa72bbf","shard":0,"position":4,"recordedAt":"2026-11-28T22:27:53.460Z","statedAt":"2025-11-22T00:00:00.000Z","publishedAt":"2025-11-22T00:00:00.000Z","stance":"assert","predicate":"captured","actor":"ukraine","party":"russia","name":"A made-up spokesman of russia","origin":"A made-up spokesman of russia","place":{"country":"UA","name":"Kupiansk"},"retractions":[],"marks":[{"voided":true,"eventId":"82bb7499-3b18-4362-a4f8-7efd9ad13f4d","recordedAt":"2026-11-28T22:27:55.000Z","position":6}]}', '{"claim":{"actor":"ukraine","certainty":"plain","modality":"actual","predicate":"captured"},"location":{"country":"UA","name":"Kupiansk"},"publishedAt":"2025-11-22T00:00:00.000Z","publishedPrecision":"day","speaker":{"name":"A made-up spokesman of russia","party":"russia"},"statedAt":"2025-11-22T00:00:00.000Z","statedPrecision":"day"}', '{"82bb7499-3b18-4362-a4f8-7efd9ad13f4d":{"reason":"the speakers are swapped","by":"desk"}}'),
  ('00000000-0000-4000-8000-000000000008', '127aff63-0f89-59d5-b603-184164217709', 'gn-703656', '0', '5', '2026-11-28 22:27:53.481+00', '2025-11-24 00:00:00+00', '2025-11-24 00:00:00+00', 'assert', 'withdrew', 'side:ukraine', 'side:ukraine', 'a made-up spokesman of ukraine', null, null, '{"statementId":"00000000-0000-4000-8000-000000000008","eventId":"127aff63-0f89-59d5-b603-184164217709","shard":0,"position":5,"recordedAt":"2026-11-28T22:27:53.481Z","statedAt":"2025-11-24T00:00:00.000Z","publishedAt":"2025-11-24T00:00:00.000Z","stance":"assert","predicate":"withdrew","actor":"ukraine","party":"ukraine","name":"A made-up spokesman of ukraine","origin":"A made-up spokesman of ukraine","place":{"country":"UA","name":"Kupiansk"},"retractions":[],"marks":[{"voided":true,"eventId":"f7dd756e-348d-4e62-a17f-0d12100992b0","recordedAt":"2026-11-28T22:27:55.009Z","position":7}]}', '{"claim":{"actor":"ukraine","certainty":"plain","modality":"actual","predicate":"withdrew"},"location":{"country":"UA","name":"Kupiansk"},"publishedAt":"2025-11-24T00:00:00.000Z","publishedPrecision":"day","speaker":{"name":"A made-up spokesman of ukraine","party":"ukraine"},"statedAt":"2025-11-24T00:00:00.000Z","statedPrecision":"day"}', '{"f7dd756e-348d-4e62-a17f-0d12100992b0":{"by":"desk"}}'),
  ('00000000-0000-4000-8000-000000000009', '1ac623c1-6f8a-58a3-889f-15c5d41f9840', 'gn-703656', '0', '8', '2026-11-28 22:27:56.535+00', '2025-11-19 00:00:00+00', '2025-11-19 00:00:00+00', 'assert', 'encircled', 'side:dnr', 'side:russia', 'a made-up spokesman of dnr', null, null, '{"statementId":"00000000-0000-4000-8000-000000000009","eventId":"1ac623c1-6f8a-58a3-889f-15c5d41f9840","shard":0,"position":8,"recordedAt":"2026-11-28T22:27:56.535Z","statedAt":"2025-11-19T00:00:00.000Z","publishedAt":"2025-11-19T00:00:00.000Z","stance":"assert","predicate":"encircled","actor":"russia","party":"dnr","name":"A made-up spokesman of dnr","origin":"A made-up spokesman of dnr","place":{"country":"UA","name":"Kupiansk"},"retractions":[],"marks":[{"voided":true,"eventId":"e8e0afee-d074-4c18-a141-8f6593a495d2","recordedAt":"2026-11-28T22:27:56.543Z","position":9},{"voided":false,"eventId":"857b0c66-e840-4685-a687-184b4f152973","recordedAt":"2026-11-28T22:27:56.557Z","position":10}]}', '{"claim":{"actor":"russia","certainty":"plain","modality":"actual","predicate":"encircled"},"location":{"country":"UA","name":"Kupiansk"},"publishedAt":"2025-11-19T00:00:00.000Z","publishedPrecision":"day","speaker":{"name":"A made-up spokesman of dnr","party":"dnr"},"statedAt":"2025-11-19T00:00:00.000Z","statedPrecision":"day"}', '{"e8e0afee-d074-4c18-a141-8f6593a495d2":{},"857b0c66-e840-4685-a687-184b4f152973":{"reason":"it was right","by":"desk"}}'),
  ('00000000-0000-4000-8000-000000000010', '2166f5b8-0cee-50aa-9f73-0592bba68046', 'siversk', '2', '1', '2026-11-28 22:27:56.726+00', '2025-12-01 00:00:00+00', '2025-12-01 00:00:00+00', 'assert', 'captured', 'side:russia', 'side:russia', 'a made-up spokesman of russia', null, null, '{"statementId":"00000000-0000-4000-8000-000000000010","eventId":"2166f5b8-0cee-50aa-9f73-0592bba68046","shard":2,"position":1,"recordedAt":"2026-11-28T22:27:56.726Z","statedAt":"2025-12-01T00:00:00.000Z","publishedAt":"2025-12-01T00:00:00.000Z","stance":"assert","predicate":"captured","actor":"russia","party":"russia","name":"A made-up spokesman of russia","origin":"A made-up spokesman of russia","place":{"country":"UA","name":"Siversk"},"retractions":[],"marks":[]}', '{"claim":{"actor":"russia","certainty":"plain","modality":"actual","predicate":"captured"},"location":{"country":"UA","name":"Siversk"},"publishedAt":"2025-12-01T00:00:00.000Z","publishedPrecision":"day","speaker":{"name":"A made-up spokesman of russia","party":"russia"},"statedAt":"2025-12-01T00:00:00.000Z","statedPrecision":"day"}', null),
  ('00000000-0000-4000-8000-000000000011', 'eaa9c70b-2a22-5c4e-8d7f-5f935235c19e', 'e0e0430e-b305-583f-bf99-3dc7a5398a10', '0', '11', '2026-11-28 22:27:56.75+00', '2025-12-02 00:00:00+00', '2025-12-02 00:00:00+00', 'deny', 'captured', 'side:ukraine', 'side:ukraine', 'a made-up spokesman of ukraine', null, null, '{"statementId":"00000000-0000-4000-8000-000000000011","eventId":"eaa9c70b-2a22-5c4e-8d7f-5f935235c19e","shard":0,"position":11,"recordedAt":"2026-11-28T22:27:56.750Z","statedAt":"2025-12-02T00:00:00.000Z","publishedAt":"2025-12-02T00:00:00.000Z","stance":"deny","predicate":"captured","actor":"russia","party":"ukraine","name":"A made-up spokesman of ukraine","origin":"A made-up spokesman of ukraine","place":{"country":"UA","name":"Seversk"},"retractions":[],"marks":[]}', '{"claim":{"actor":"russia","certainty":"plain","modality":"actual","predicate":"captured"},"location":{"country":"UA","name":"Seversk"},"publishedAt":"2025-12-02T00:00:00.000Z","publishedPrecision":"day","speaker":{"name":"A made-up spokesman of ukraine","party":"ukraine"},"statedAt":"2025-12-02T00:00:00.000Z","statedPrecision":"day"}', null),
  ('00000000-0000-4000-8000-000000000012', '403ee93a-ce2d-5f88-b13a-edd92186d20b', 'ccdec132-650c-57b3-9e35-ad378597f1e3', '3', '7', '2026-11-28 22:27:58.284+00', '2025-12-03 00:00:00+00', '2025-12-03 00:00:00+00', 'assert', 'lost', 'side:ukraine', 'side:ukraine', 'a made-up spokesman of ukraine', null, null, '{"statementId":"00000000-0000-4000-8000-000000000012","eventId":"403ee93a-ce2d-5f88-b13a-edd92186d20b","shard":3,"position":7,"recordedAt":"2026-11-28T22:27:58.284Z","statedAt":"2025-12-03T00:00:00.000Z","publishedAt":"2025-12-03T00:00:00.000Z","stance":"assert","predicate":"lost","actor":"ukraine","party":"ukraine","name":"A made-up spokesman of ukraine","origin":"A made-up spokesman of ukraine","place":{"country":"UA","name":"Lyman"},"retractions":[],"marks":[{"voided":true,"eventId":"03772221-da07-5e0b-870b-27a0c98cc3b3","recordedAt":"2026-11-28T22:27:58.442Z","position":9}]}', '{"claim":{"actor":"ukraine","certainty":"plain","modality":"actual","predicate":"lost"},"location":{"country":"UA","name":"Lyman"},"publishedAt":"2025-12-03T00:00:00.000Z","publishedPrecision":"day","speaker":{"name":"A made-up spokesman of ukraine","party":"ukraine"},"statedAt":"2025-12-03T00:00:00.000Z","statedPrecision":"day"}', '{"03772221-da07-5e0b-870b-27a0c98cc3b3":{"reason":"a misread denial","by":"worker"}}'),
  ('00000000-0000-4000-8000-000000000013', 'fd7695ce-be4a-5de9-9478-a70cd1ac6b65', 'ec547032-41f2-53f9-a2d4-e748707f8d1b', '0', '12', '2026-11-28 22:27:58.359+00', '2025-12-01 00:00:00+00', '2025-12-01 00:00:00+00', 'assert', 'controls', 'side:ukraine', 'side:ukraine', 'a made-up spokesman of ukraine', null, null, '{"statementId":"00000000-0000-4000-8000-000000000013","eventId":"fd7695ce-be4a-5de9-9478-a70cd1ac6b65","shard":0,"position":12,"recordedAt":"2026-11-28T22:27:58.359Z","statedAt":"2025-12-01T00:00:00.000Z","publishedAt":"2025-12-01T00:00:00.000Z","stance":"assert","predicate":"controls","actor":"ukraine","party":"ukraine","name":"A made-up spokesman of ukraine","origin":"A made-up spokesman of ukraine","place":{"country":"UA","name":"Слов‘янськ"},"retractions":[],"marks":[]}', '{"claim":{"actor":"ukraine","certainty":"plain","modality":"actual","predicate":"controls"},"location":{"country":"UA","name":"Слов‘янськ"},"publishedAt":"2025-12-01T00:00:00.000Z","publishedPrecision":"day","speaker":{"name":"A made-up spokesman of ukraine","party":"ukraine"},"statedAt":"2025-12-01T00:00:00.000Z","statedPrecision":"day"}', null),
  ('00000000-0000-4000-8000-000000000014', '5eae6f52-412c-5848-ba8a-8b76c287e09c', 'ccdec132-650c-57b3-9e35-ad378597f1e3', '3', '8', '2026-11-28 22:27:58.434+00', '2025-12-04 00:00:00+00', '2025-12-04 00:00:00+00', 'assert', 'controls', 'side:russia', 'side:russia', 'a made-up spokesman of russia', null, null, '{"statementId":"00000000-0000-4000-8000-000000000014","eventId":"5eae6f52-412c-5848-ba8a-8b76c287e09c","shard":3,"position":8,"recordedAt":"2026-11-28T22:27:58.434Z","statedAt":"2025-12-04T00:00:00.000Z","publishedAt":"2025-12-04T00:00:00.000Z","stance":"assert","predicate":"controls","actor":"russia","party":"russia","name":"A made-up spokesman of russia","origin":"A made-up spokesman of russia","place":{"country":"UA","name":"Lyman"},"retractions":[],"marks":[]}', '{"claim":{"actor":"russia","certainty":"plain","modality":"actual","predicate":"controls"},"location":{"country":"UA","name":"Lyman"},"publishedAt":"2025-12-04T00:00:00.000Z","publishedPrecision":"day","speaker":{"name":"A made-up spokesman of russia","party":"russia"},"statedAt":"2025-12-04T00:00:00.000Z","statedPrecision":"day"}', null);

select setval('claimline.log_migrations_id_seq', 5);

alter table claimline.dead_letters add constraint dead_letters_outcome_check CHECK ((outcome = ANY (ARRAY['retried'::text, 'discarded'::text])));
alter table claimline.dead_letters add constraint dead_letters_pkey PRIMARY KEY (origin_topic, origin_partition, origin_offset);
alter table claimline.dead_letters_read add constraint dead_letters_read_pkey PRIMARY KEY (cluster, topic, partition);
alter table claimline.events add constraint events_event_id UNIQUE (event_id);
alter table claimline.events add constraint events_pkey PRIMARY KEY (shard, "position");
alter table claimline.heads add constraint heads_pkey PRIMARY KEY (shard);
alter table claimline.log_migrations add constraint "PK_27d75e55cbd9ecdbb4bcc567920" PRIMARY KEY (id);
alter table claimline.marks add constraint marks_pkey PRIMARY KEY (id);
alter table claimline.place_names add constraint place_names_pkey PRIMARY KEY (folded, place_id);
alter table claimline.places add constraint places_pkey PRIMARY KEY (id);
alter table claimline.quotes add constraint quotes_pkey PRIMARY KEY (id);
alter table claimline.relay_cursors add constraint relay_cursors_pkey PRIMARY KEY (cluster, topic, shard);
alter table claimline.replays add constraint replays_pkey PRIMARY KEY (id);
alter table claimline.replays add constraint replays_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'running'::text, 'done'::text, 'failed'::text, 'cancelled'::text])));
alter table claimline.rulesets add constraint rulesets_pkey PRIMARY KEY (version);
alter table claimline.statement_ids add constraint statement_ids_pkey PRIMARY KEY (id);
alter table claimline.store add constraint store_pkey PRIMARY KEY (id);
alter table claimline.store add constraint store_shards_check CHECK (((shards >= 1) AND (shards <= 4096)));
alter table claimline.tiles add constraint tiles_pkey PRIMARY KEY (shard, level, index);
alter table read_models.checkpoint add constraint checkpoint_pkey PRIMARY KEY (shard);
alter table read_models.location add constraint location_pkey PRIMARY KEY (id);
alter table read_models.location_state add constraint location_state_pkey PRIMARY KEY (id);
alter table read_models.state_history add constraint state_history_pkey PRIMARY KEY (location_id, "from");
alter table read_models.timeline add constraint timeline_pkey PRIMARY KEY (statement_id);
alter table claimline.place_names add constraint place_names_place_id_fkey FOREIGN KEY (place_id) REFERENCES claimline.places(id);

CREATE INDEX dead_letters_open ON claimline.dead_letters USING btree (origin_topic, origin_partition, origin_offset) WHERE (outcome IS NULL);
CREATE INDEX events_stream ON claimline.events USING btree (stream, "position");
CREATE INDEX location_name ON read_models.location USING btree (name_order, id);
CREATE INDEX location_position ON read_models.location USING gist (point(lon, lat));
CREATE INDEX location_root ON read_models.location USING btree (root_id);
CREATE INDEX location_search ON read_models.location USING gin (search public.gin_trgm_ops) WITH (fastupdate=off);
CREATE INDEX location_state_changed ON read_models.location_state USING btree (last_recorded_at, id);
CREATE INDEX location_state_statements ON read_models.location_state USING btree (statements, id);
CREATE INDEX location_state_tags ON read_models.location_state USING gin (tags) WITH (gin_pending_list_limit='512');
CREATE INDEX place_names_place ON claimline.place_names USING btree (place_id);
CREATE INDEX replays_newest ON claimline.replays USING btree (created_at, id);
CREATE INDEX replays_open ON claimline.replays USING btree (created_at, id) WHERE (state = ANY (ARRAY['waiting'::text, 'running'::text]));
CREATE INDEX state_history_from ON read_models.state_history USING btree (status, "from", location_id);
CREATE INDEX state_history_status ON read_models.state_history USING btree (status, location_id, "from");
CREATE INDEX timeline_claim ON read_models.timeline USING btree (predicate, stance, stated_at, published_at, statement_id);
CREATE INDEX timeline_order ON read_models.timeline USING btree (stated_at, published_at, statement_id);
CREATE INDEX timeline_outlet ON read_models.timeline USING btree (outlet, stated_at, published_at, statement_id) WHERE (outlet IS NOT NULL);
CREATE INDEX timeline_party ON read_models.timeline USING btree (party, stated_at, published_at, statement_id);
CREATE INDEX timeline_place ON read_models.timeline USING btree (location_id, stated_at, published_at, statement_id);
CREATE INDEX timeline_speaker ON read_models.timeline USING btree (speaker, stated_at, published_at, statement_id) WHERE (speaker IS NOT NULL);
CREATE INDEX timeline_url ON read_models.timeline USING btree (url_hash, stated_at, published_at, statement_id) WHERE (url_hash IS NOT NULL);
CREATE UNIQUE INDEX generation_is_one_row ON read_models.generation USING btree ((true));
CREATE UNIQUE INDEX store_is_one_row ON claimline.store USING btree ((true));

CREATE TRIGGER events_are_never_changed BEFORE DELETE OR UPDATE ON claimline.events FOR EACH STATEMENT EXECUTE FUNCTION claimline.refuse_change();
alter table claimline.events enable always trigger events_are_never_changed;
CREATE TRIGGER events_are_never_truncated BEFORE TRUNCATE ON claimline.events FOR EACH STATEMENT EXECUTE FUNCTION claimline.refuse_change();
alter table claimline.events enable always trigger events_are_never_truncated;
