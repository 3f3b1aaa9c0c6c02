BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0002');
CREATE TABLE answers (
	actor TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	fingerprint BLOB NOT NULL, 
	status INTEGER, 
	etag TEXT, 
	body BLOB, 
	created_at TEXT NOT NULL, 
	CONSTRAINT pk_answers PRIMARY KEY (actor, "key")
)
 WITHOUT ROWID

;
CREATE TABLE boards (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	description TEXT, 
	columns TEXT NOT NULL, 
	counts TEXT NOT NULL, 
	next_column_id BIGINT NOT NULL, 
	created_at TEXT NOT NULL, 
	updated_at TEXT NOT NULL, 
	deleted_at TEXT, 
	version BIGINT NOT NULL, 
	epoch TEXT NOT NULL, 
	seq BIGINT NOT NULL, 
	floor BIGINT DEFAULT 0 NOT NULL, 
	last_at TEXT NOT NULL, 
	CONSTRAINT pk_boards PRIMARY KEY (id)
);
INSERT INTO "boards" VALUES(1,'My First Board',NULL,'[{"id":1,"name":"Not Started","role":"todo","limit":null},{"id":2,"name":"In Progress","role":"working","limit":null},{"id":3,"name":"Blocked","role":"waiting","limit":null},{"id":4,"name":"Ready for QC","role":"waiting","limit":null},{"id":5,"name":"Done","role":"done","limit":null}]','{}',6,'2026-11-24T19:21:34.476648Z','2026-11-24T19:21:34.476648Z',NULL,1,'d2c283f4',1,0,'2026-11-24T19:21:34.486479Z');
INSERT INTO "boards" VALUES(2,'Old board',NULL,'[{"id":1,"name":"Todo","role":"todo","limit":null},{"id":2,"name":"Doing","role":"waiting","limit":null},{"id":3,"name":"Done","role":"done","limit":null}]','{"1":2,"3":1}',4,'2026-11-24T19:21:35.302634Z','2026-11-24T19:21:35.302634Z',NULL,1,'521a433e',9,0,'2026-11-24T19:21:35.815042Z');
CREATE TABLE comments (
	id INTEGER NOT NULL, 
	ticket_id INTEGER NOT NULL, 
	board_id INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	author TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	updated_at TEXT, 
	deleted_at TEXT, 
	CONSTRAINT pk_comments PRIMARY KEY (id), 
	CONSTRAINT fk_comments_board_id FOREIGN KEY(board_id) REFERENCES boards (id), 
	CONSTRAINT fk_comments_ticket_id FOREIGN KEY(ticket_id) REFERENCES tickets (id)
);
INSERT INTO "comments" VALUES(1,2,2,'commented','bob','2026-11-24T19:21:35.537798Z',NULL,NULL);
CREATE TABLE events (
	board_id INTEGER NOT NULL, 
	seq BIGINT NOT NULL, 
	name TEXT NOT NULL, 
	ticket_id BIGINT, 
	actor TEXT NOT NULL, 
	actor_id BIGINT, 
	client TEXT, 
	tx TEXT NOT NULL, 
	at TEXT NOT NULL, 
	data TEXT NOT NULL, 
	CONSTRAINT pk_events PRIMARY KEY (board_id, seq), 
	CONSTRAINT fk_events_board_id FOREIGN KEY(board_id) REFERENCES boards (id)
)
 WITHOUT ROWID

;
INSERT INTO "events" VALUES(1,1,'board_created',NULL,'system',NULL,NULL,'c9681ff2ee96ed21','2026-11-24T19:21:34.486479Z','{"id":1,"name":"My First Board","description":null,"columns":["Not Started","In Progress","Blocked","Ready for QC","Done"],"column_settings":[{"id":1,"name":"Not Started","role":"todo","limit":null},{"id":2,"name":"In Progress","role":"working","limit":null},{"id":3,"name":"Blocked","role":"waiting","limit":null},{"id":4,"name":"Ready for QC","role":"waiting","limit":null},{"id":5,"name":"Done","role":"done","limit":null}],"created_at":"2026-11-24T19:21:34.476648Z","updated_at":"2026-11-24T19:21:34.476648Z","version":1}');
INSERT INTO "events" VALUES(2,1,'board_created',NULL,'ada',NULL,NULL,'5513a0a9e5ff7f38','2026-11-24T19:21:35.302906Z','{"id":2,"name":"Old board","description":null,"columns":["Todo","Doing","Done"],"column_settings":[{"id":1,"name":"Todo","role":"todo","limit":null},{"id":2,"name":"Doing","role":"waiting","limit":null},{"id":3,"name":"Done","role":"done","limit":null}],"created_at":"2026-11-24T19:21:35.302634Z","updated_at":"2026-11-24T19:21:35.302634Z","version":1}');
INSERT INTO "events" VALUES(2,2,'ticket_created',1,'ada',NULL,NULL,'0390db2978462839','2026-11-24T19:21:35.353190Z','{"id":1,"board_id":2,"title":"Le vieux ticket","description":"été","acceptance_criteria":null,"priority":"high","assignee":null,"labels":["a"],"current_column":"Todo","place":"a0","created_by":"ada","updated_by":"ada","assigned_by":null,"created_at":"2026-11-24T19:21:35.353190Z","updated_at":"2026-11-24T19:21:35.353190Z","column_entered_at":"2026-11-24T19:21:35.353190Z","version":1,"comment_count":0,"claim":null,"source_id":null,"extra":null}');
INSERT INTO "events" VALUES(2,3,'ticket_created',2,'ada',NULL,NULL,'cfbc0a13e3884a9c','2026-11-24T19:21:35.440817Z','{"id":2,"board_id":2,"title":"Second","description":null,"acceptance_criteria":null,"priority":"medium","assignee":null,"labels":[],"current_column":"Todo","place":"a1","created_by":"ada","updated_by":"ada","assigned_by":null,"created_at":"2026-11-24T19:21:35.440817Z","updated_at":"2026-11-24T19:21:35.440817Z","column_entered_at":"2026-11-24T19:21:35.440817Z","version":1,"comment_count":0,"claim":null,"source_id":null,"extra":null}');
INSERT INTO "events" VALUES(2,4,'ticket_created',3,'ada',NULL,NULL,'fec7b2323d3a0ec3','2026-11-24T19:21:35.484638Z','{"id":3,"board_id":2,"title":"Third","description":null,"acceptance_criteria":null,"priority":"medium","assignee":null,"labels":[],"current_column":"Todo","place":"a2","created_by":"ada","updated_by":"ada","assigned_by":null,"created_at":"2026-11-24T19:21:35.484638Z","updated_at":"2026-11-24T19:21:35.484638Z","column_entered_at":"2026-11-24T19:21:35.484638Z","version":1,"comment_count":0,"claim":null,"source_id":null,"extra":null}');
INSERT INTO "events" VALUES(2,5,'comment_added',2,'bob',NULL,NULL,'468151b6e1eb099d','2026-11-24T19:21:35.537798Z','{"id":1,"ticket_id":2,"board_id":2,"text":"commented","author":"bob","created_at":"2026-11-24T19:21:35.537798Z","updated_at":null,"comment_count":1}');
INSERT INTO "events" VALUES(2,6,'ticket_moved',3,'ada',NULL,NULL,'8f9d018b582cd7a5','2026-11-24T19:21:35.632552Z','{"id":3,"title":"Third","board_id":2,"from_column":"Todo","to_column":"Done","current_column":"Done","from_place":"a2","place":"a0","column_entered_at":"2026-11-24T19:21:35.632552Z","moved_by":"ada","moved_at":"2026-11-24T19:21:35.632552Z","updated_by":"ada","updated_at":"2026-11-24T19:21:35.632552Z","version":2}');
INSERT INTO "events" VALUES(2,7,'ticket_updated',1,'ada',NULL,NULL,'3b81ec4d0b40d6c1','2026-11-24T19:21:35.684572Z','{"id":1,"board_id":2,"title":"Le vieux ticket","updated_by":"ada","updated_at":"2026-11-24T19:21:35.684572Z","version":2,"acceptance_criteria":"- [x] found\n- kept","assignee":"bob","assigned_by":"ada","changes":{"acceptance_criteria":{"from":null,"to":"- [x] found\n- kept"},"assignee":{"from":null,"to":"bob"}},"changed_by":"ada"}');
INSERT INTO "events" VALUES(2,8,'ticket_created',4,'ada',NULL,NULL,'6cf20d216a57a1e9','2026-11-24T19:21:35.764089Z','{"id":4,"board_id":2,"title":"Gone","description":null,"acceptance_criteria":null,"priority":"medium","assignee":null,"labels":[],"current_column":"Todo","place":"a2","created_by":"ada","updated_by":"ada","assigned_by":null,"created_at":"2026-11-24T19:21:35.764089Z","updated_at":"2026-11-24T19:21:35.764089Z","column_entered_at":"2026-11-24T19:21:35.764089Z","version":1,"comment_count":0,"claim":null,"source_id":null,"extra":null}');
INSERT INTO "events" VALUES(2,9,'ticket_deleted',4,'ada',NULL,NULL,'93d6b4675399cdfd','2026-11-24T19:21:35.815042Z','{"id":4,"board_id":2,"title":"Gone","deleted_by":"ada","version":2}');
CREATE TABLE ticket_labels (
	board_id INTEGER NOT NULL, 
	label TEXT NOT NULL, 
	ticket_id INTEGER NOT NULL, 
	CONSTRAINT pk_ticket_labels PRIMARY KEY (board_id, label, ticket_id), 
	CONSTRAINT fk_ticket_labels_ticket_id FOREIGN KEY(ticket_id) REFERENCES tickets (id)
)
 WITHOUT ROWID

;
INSERT INTO "ticket_labels" VALUES(2,'a',1);
CREATE TABLE tickets (
	id INTEGER NOT NULL, 
	board_id INTEGER NOT NULL, 
	column_id BIGINT NOT NULL, 
	place TEXT NOT NULL, 
	title TEXT NOT NULL, 
	description TEXT, 
	acceptance_criteria TEXT, 
	priority TEXT NOT NULL, 
	priority_key TEXT NOT NULL, 
	assignee TEXT, 
	labels TEXT NOT NULL, 
	created_by TEXT NOT NULL, 
	updated_by TEXT NOT NULL, 
	assigned_by TEXT, 
	created_at TEXT NOT NULL, 
	updated_at TEXT NOT NULL, 
	column_entered_at TEXT NOT NULL, 
	deleted_at TEXT, 
	version BIGINT NOT NULL, 
	comment_count BIGINT DEFAULT 0 NOT NULL, 
	claim_holder TEXT, 
	claim_number BIGINT DEFAULT 0 NOT NULL, 
	source_id TEXT, 
	extra TEXT, 
	CONSTRAINT pk_tickets PRIMARY KEY (id), 
	CONSTRAINT fk_tickets_board_id FOREIGN KEY(board_id) REFERENCES boards (id), 
	CONSTRAINT uq_tickets_board_id_source_id UNIQUE (board_id, source_id)
);
INSERT INTO "tickets" VALUES(1,2,1,'a0','Le vieux ticket','été','- [x] found
- kept','high','000001','bob','["a"]','ada','ada','ada','2026-11-24T19:21:35.353190Z','2026-11-24T19:21:35.684572Z','2026-11-24T19:21:35.353190Z',NULL,2,0,NULL,0,NULL,NULL);
INSERT INTO "tickets" VALUES(2,2,1,'a1','Second',NULL,NULL,'medium','000002',NULL,'[]','ada','ada',NULL,'2026-11-24T19:21:35.440817Z','2026-11-24T19:21:35.440817Z','2026-11-24T19:21:35.440817Z',NULL,1,1,NULL,0,NULL,NULL);
INSERT INTO "tickets" VALUES(3,2,3,'a0','Third',NULL,NULL,'medium','000002',NULL,'[]','ada','ada',NULL,'2026-11-24T19:21:35.484638Z','2026-11-24T19:21:35.632552Z','2026-11-24T19:21:35.632552Z',NULL,2,0,NULL,0,NULL,NULL);
INSERT INTO "tickets" VALUES(4,2,1,'a2','Gone',NULL,NULL,'medium','000002',NULL,'[]','ada','ada',NULL,'2026-11-24T19:21:35.764089Z','2026-11-24T19:21:35.815042Z','2026-11-24T19:21:35.764089Z','2026-11-24T19:21:35.815042Z',2,0,NULL,0,NULL,NULL);
CREATE INDEX ix_tickets_in_order ON tickets (board_id, column_id, place, id) WHERE deleted_at IS NULL;
CREATE INDEX ix_tickets_assignee ON tickets (board_id, assignee) WHERE deleted_at IS NULL;
CREATE INDEX ix_ticket_labels_ticket_id ON ticket_labels (ticket_id);
CREATE INDEX ix_comments_ticket_id ON comments (ticket_id, id);
CREATE INDEX ix_events_ticket_id ON events (ticket_id, seq);
CREATE INDEX ix_answers_created_at ON answers (created_at);
CREATE VIRTUAL TABLE ticket_search USING fts5(words, prefix='2 3', tokenize='unicode61 remove_diacritics 0');
INSERT INTO ticket_search (rowid, words) VALUES (1, 'le vieux ticket ete x found kept');
INSERT INTO ticket_search (rowid, words) VALUES (2, 'second commented');
INSERT INTO ticket_search (rowid, words) VALUES (3, 'third');
COMMIT;
