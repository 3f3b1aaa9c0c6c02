BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
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
INSERT INTO "boards" VALUES(1,'Old board',NULL,'[{"id":1,"name":"Todo","role":"todo","limit":null},{"id":2,"name":"Done","role":"done","limit":null}]','{"1":2}',3,'2026-01-01T00:00:00.000000Z','2026-01-01T00:00:00.000000Z',NULL,1,'0a0b0c0d',4,0,'2026-01-04T00:00:00.000000Z');
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
INSERT INTO "comments" VALUES(1,2,1,'somebody commented','bob','2026-01-04T00:00:00.000000Z',NULL,NULL);
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
INSERT INTO "events" VALUES(1,1,'board_created',NULL,'ada',NULL,NULL,'tx1','2026-01-01T00:00:00.000000Z','{"id": 1, "name": "Old board"}');
INSERT INTO "events" VALUES(1,2,'ticket_created',1,'ada',NULL,NULL,'tx2','2026-01-02T00:00:00.000000Z','{"id": 1, "board_id": 1, "title": "Le vieux ticket", "description": "d''accord", "created_by": "ada", "version": 1}');
INSERT INTO "events" VALUES(1,3,'ticket_created',2,'ada',NULL,NULL,'tx3','2026-01-03T00:00:00.000000Z','{"id": 2, "board_id": 1, "title": "Second", "description": null, "created_by": "ada", "version": 1}');
INSERT INTO "events" VALUES(1,4,'comment_added',2,'bob',NULL,NULL,'tx4','2026-01-04T00:00:00.000000Z','{"id": 1, "ticket_id": 2, "board_id": 1, "text": "somebody commented", "author": "bob"}');
CREATE TABLE ticket_labels (
	board_id INTEGER NOT NULL, 
	label TEXT NOT NULL, 
	ticket_id INTEGER NOT NULL, 
	CONSTRAINT pk_ticket_labels PRIMARY KEY (board_id, label, ticket_id), 
	CONSTRAINT fk_ticket_labels_ticket_id FOREIGN KEY(ticket_id) REFERENCES tickets (id)
)
 WITHOUT ROWID

;
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
INSERT INTO "tickets" VALUES(1,1,1,'a0','Le vieux ticket','d''accord',NULL,'medium','000002',NULL,'[]','ada','ada',NULL,'2026-01-02T00:00:00.000000Z','2026-01-02T00:00:00.000000Z','2026-01-02T00:00:00.000000Z',NULL,1,0,NULL,0,NULL,NULL);
INSERT INTO "tickets" VALUES(2,1,1,'a1','Second',NULL,NULL,'medium','000002',NULL,'[]','ada','ada',NULL,'2026-01-03T00:00:00.000000Z','2026-01-03T00:00:00.000000Z','2026-01-03T00:00:00.000000Z',NULL,1,1,NULL,0,NULL,NULL);
CREATE INDEX ix_tickets_in_order ON tickets (board_id, column_id, place, id) WHERE deleted_at IS NULL;
CREATE INDEX ix_tickets_assignee ON tickets (board_id, assignee) WHERE deleted_at IS NULL;
CREATE INDEX ix_ticket_labels_ticket_id ON ticket_labels (ticket_id);
CREATE INDEX ix_comments_ticket_id ON comments (ticket_id, id);
CREATE INDEX ix_events_ticket_id ON events (ticket_id, seq);
CREATE INDEX ix_answers_created_at ON answers (created_at);
COMMIT;
