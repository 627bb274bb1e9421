-- A journal as schema 1 was written by commit bbbaae7: every state of an order, an item and an attempt.
-- test_journal_as_first_written.py continues with it, so it is never changed.
BEGIN TRANSACTION;
CREATE TABLE anycarrier_attempt(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        intent_id TEXT NOT NULL REFERENCES anycarrier_intent(id),
        seq INTEGER NOT NULL,
        provider TEXT NOT NULL,
        account TEXT NOT NULL,
        e164 TEXT NOT NULL,
        key TEXT NOT NULL,
        body BLOB NOT NULL,
        body_sha256 TEXT NOT NULL,
        price TEXT,
        currency TEXT,
        state TEXT NOT NULL CHECK (state IN
            ('SENT','IN_DOUBT','CONFIRMED','REJECTED','NOT_SENT','REFUTED','ORPHAN','RELEASED')),
        first_sent DOUBLE PRECISION NOT NULL,
        last_sent DOUBLE PRECISION NOT NULL,
        sends INTEGER NOT NULL,
        absent INTEGER NOT NULL,
        unknown INTEGER NOT NULL,
        next_at DOUBLE PRECISION NOT NULL,
        no_replay INTEGER NOT NULL,
        watched INTEGER NOT NULL DEFAULT 0,
        reason TEXT NOT NULL DEFAULT '',
        UNIQUE(intent_id, seq)
    );
INSERT INTO "anycarrier_attempt" VALUES(1,'bought#1',1,'voicetel','voicetel','+12015550100','key_bought',X'7B226E756D62657273223A5B2232303135353530313030225D7D','4fbb6eec8e89de0472f57e312db7c52473e97c347a48fcb7a5405faa29997058','1.00','USD','CONFIRMED',1000000.0,1000012.0,1,0,0,0.0,0,0,'');
INSERT INTO "anycarrier_attempt" VALUES(2,'died#1',1,'voicetel','voicetel','+12015550101','key_died',X'7B226E756D62657273223A5B2232303135353530313031225D7D','beb4f5052e2a5ab47b4774bf9e33b54cc741fd336e1157fbc0a5a72067f319fa','1.00','USD','SENT',1000000.0,1000012.0,1,0,0,1000002.0,0,0,'');
INSERT INTO "anycarrier_attempt" VALUES(3,'doubtful#1',1,'lc_phone','lc_phone','+12015550100','1000000000',X'7B2270686F6E654E756D626572223A222B3132303135353530313030222C22636F756E747279436F6465223A225553222C226E756D62657254797065223A226C6F63616C222C2266696E6765727072696E744964223A2231303030303030303030227D','46c9d51cce19cc28ab8c3903fb4b791ea34398521800867918ba99247572913d','1.15','USD','IN_DOUBT',1000000.0,1000012.0,1,0,2,1000030.0,1,0,'TransportError: the answer was lost');
INSERT INTO "anycarrier_attempt" VALUES(4,'refused#1',1,'voicetel','voicetel','+12015550102','key_refused',X'7B226E756D62657273223A5B2232303135353530313032225D7D','9e0a28b276157cc0fc5fc153fb58f259065c20b4b1d4f68de08e784daa6036d7','1.00','USD','REJECTED',1000000.0,1000012.0,1,0,0,0.0,0,0,'InsufficientFunds: too little');
INSERT INTO "anycarrier_attempt" VALUES(5,'given up#1',1,'voicetel','voicetel','+12015550103','key_given_up',X'7B226E756D62657273223A5B2232303135353530313033225D7D','639a1f38dbe527b86770be306ad6899e7c0445750b0e8c1a5620cf3dea32333a','1.00','USD','REFUTED',1000000.0,1000012.0,1,2,0,0.0,0,1,'not on the account 2 times, 120 s and more after it was last asked for');
INSERT INTO "anycarrier_attempt" VALUES(6,'parked#1',1,'lc_phone','lc_phone','+12015550101','1000000001',X'7B2270686F6E654E756D626572223A222B3132303135353530313031222C22636F756E747279436F6465223A225553222C226E756D62657254797065223A226C6F63616C222C2266696E6765727072696E744964223A2231303030303030303031227D','5b91b1af5e0d85dfab755f610939e7fe47d358b6376f996aeb61ae7c1f28e9a3','1.15','USD','IN_DOUBT',1000000.0,1000012.0,1,0,12,1000300.0,0,0,'ProviderDown: it failed');
INSERT INTO "anycarrier_attempt" VALUES(7,'orphan#1',1,'voicetel','voicetel','+12015550104','key_unsent',X'7B226E756D62657273223A5B2232303135353530313034225D7D','d16f399eaf20c238c9f27ae9836e3776c285cfaee5d147b2926a343b18e0b840','1.00','USD','NOT_SENT',1000000.0,1000012.0,1,0,0,0.0,0,0,'TransportError: not sent');
INSERT INTO "anycarrier_attempt" VALUES(8,'orphan#1',2,'lc_phone','lc_phone','+12015550102','1000000002',X'7B2270686F6E654E756D626572223A222B3132303135353530313032222C22636F756E747279436F6465223A225553222C226E756D62657254797065223A226C6F63616C222C2266696E6765727072696E744964223A2231303030303030303032227D','d6aacc8c4c663269664994f1e0559d1f8fc339c6097dfcc343308ee0f1b4f0d5','1.15','USD','ORPHAN',1000000.0,1000012.0,1,3,0,0.0,0,0,'turned up late');
INSERT INTO "anycarrier_attempt" VALUES(9,'orphan#1',3,'voicetel','voicetel','+12015550105','key_instead',X'7B226E756D62657273223A5B2232303135353530313035225D7D','d1bd0556a748fd4e3497e20f2fd046e37db23ab4d87364c7c3a8e284c7b3693e','1.00','USD','CONFIRMED',1000000.0,1000012.0,1,0,0,0.0,0,0,'');
INSERT INTO "anycarrier_attempt" VALUES(10,'released#1',1,'voicetel','voicetel','+12015550106','key_released',X'7B226E756D62657273223A5B2232303135353530313036225D7D','9e9f3c32a7273d7561df79995cbc49086a786b3275003c86da2a31ef020df422','1.00','USD','RELEASED',1000000.0,1000012.0,1,0,0,0.0,0,0,'');
CREATE TABLE anycarrier_intent(
        id TEXT PRIMARY KEY,
        request_id TEXT NOT NULL REFERENCES anycarrier_request(id),
        slot INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('OPEN','FULFILLED','EXHAUSTED','PARKED')),
        attempt_id BIGINT,
        passed TEXT NOT NULL DEFAULT '{}',
        reason TEXT NOT NULL DEFAULT '',
        owner TEXT,
        lease_until DOUBLE PRECISION NOT NULL DEFAULT 0
    );
INSERT INTO "anycarrier_intent" VALUES('bought#1','bought',1,'FULFILLED',1,'{}','',NULL,0.0);
INSERT INTO "anycarrier_intent" VALUES('died#1','died',1,'OPEN',NULL,'{}','','w',1000060.0);
INSERT INTO "anycarrier_intent" VALUES('died#2','died',2,'OPEN',NULL,'{}','',NULL,0.0);
INSERT INTO "anycarrier_intent" VALUES('doubtful#1','doubtful',1,'OPEN',NULL,'{}','',NULL,0.0);
INSERT INTO "anycarrier_intent" VALUES('refused#1','refused',1,'EXHAUSTED',NULL,'{"voicetel": "InsufficientFunds: too little"}','every account was tried or passed over',NULL,0.0);
INSERT INTO "anycarrier_intent" VALUES('given up#1','given up',1,'EXHAUSTED',NULL,'{}','the deadline ended',NULL,0.0);
INSERT INTO "anycarrier_intent" VALUES('parked#1','parked',1,'PARKED',NULL,'{}','the provider has not answered for long',NULL,0.0);
INSERT INTO "anycarrier_intent" VALUES('orphan#1','orphan',1,'FULFILLED',9,'{}','',NULL,0.0);
INSERT INTO "anycarrier_intent" VALUES('released#1','released',1,'FULFILLED',10,'{}','',NULL,0.0);
CREATE TABLE anycarrier_request(
        id TEXT PRIMARY KEY,
        digest TEXT NOT NULL,
        criteria TEXT NOT NULL,
        created DOUBLE PRECISION NOT NULL,
        valid_until DOUBLE PRECISION NOT NULL
    );
INSERT INTO "anycarrier_request" VALUES('bought','ef2d037725b56c78a35a16801c5da8bacfca290404b92b09b6d22064c155dcef','{"accounts":["voicetel/voicetel","lc_phone/lc_phone"],"order":{"capabilities":[],"criteria":{"area_code":"201","city":null,"contains":null,"country":null,"ends_with":null,"features":[],"lata":null,"limit":10,"line":null,"max_price":null,"prefix":null,"rate_center":null,"state":null},"deadline":600.0,"features":[],"in_doubt":"wait","max_price":null,"number":null,"prefer":"given","quantity":1,"spend_cap":null,"valid_for":86400.0}}',1000000.0,1050000.0);
INSERT INTO "anycarrier_request" VALUES('died','dd482edd79901b4645d8dc68084e014f050e504ba7e3b769160fdf7ae99262dc','{"accounts":["voicetel/voicetel","lc_phone/lc_phone"],"order":{"capabilities":["route.gateway","list"],"criteria":{"area_code":"201","city":null,"contains":null,"country":null,"ends_with":null,"features":[],"lata":null,"limit":10,"line":null,"max_price":null,"prefix":"2015","rate_center":null,"state":null},"deadline":300.0,"features":[],"in_doubt":"wait","max_price":{"amount":"2.50","currency":"USD"},"number":null,"prefer":"health","quantity":2,"spend_cap":{"amount":"5.00","currency":"USD"},"valid_for":50000.0}}',1000000.0,1050000.0);
INSERT INTO "anycarrier_request" VALUES('doubtful','6f8f33b1f06a599dd09a186d62aa73fd3ebdcadbc442df35360dbb0faeaad6ec','{"accounts":["voicetel/voicetel","lc_phone/lc_phone"],"order":{"capabilities":[],"criteria":{"area_code":"201","city":null,"contains":null,"country":null,"ends_with":null,"features":[],"lata":null,"limit":10,"line":null,"max_price":null,"prefix":null,"rate_center":null,"state":null},"deadline":600.0,"features":[],"in_doubt":"hold","max_price":null,"number":null,"prefer":"given","quantity":1,"spend_cap":null,"valid_for":86400.0}}',1000000.0,1050000.0);
INSERT INTO "anycarrier_request" VALUES('refused','d23d6e703e6e4c6fc62047c551fde64c860b7e3aa34cc1f0fb9b5d4054c5d64a','{"accounts":["voicetel/voicetel","lc_phone/lc_phone"],"order":{"capabilities":[],"criteria":null,"deadline":600.0,"features":[],"in_doubt":"wait","max_price":null,"number":"+12015550102","prefer":"given","quantity":1,"spend_cap":null,"valid_for":86400.0}}',1000000.0,1050000.0);
INSERT INTO "anycarrier_request" VALUES('given up','ef2d037725b56c78a35a16801c5da8bacfca290404b92b09b6d22064c155dcef','{"accounts":["voicetel/voicetel","lc_phone/lc_phone"],"order":{"capabilities":[],"criteria":{"area_code":"201","city":null,"contains":null,"country":null,"ends_with":null,"features":[],"lata":null,"limit":10,"line":null,"max_price":null,"prefix":null,"rate_center":null,"state":null},"deadline":600.0,"features":[],"in_doubt":"wait","max_price":null,"number":null,"prefer":"given","quantity":1,"spend_cap":null,"valid_for":86400.0}}',1000000.0,1050000.0);
INSERT INTO "anycarrier_request" VALUES('parked','ef2d037725b56c78a35a16801c5da8bacfca290404b92b09b6d22064c155dcef','{"accounts":["voicetel/voicetel","lc_phone/lc_phone"],"order":{"capabilities":[],"criteria":{"area_code":"201","city":null,"contains":null,"country":null,"ends_with":null,"features":[],"lata":null,"limit":10,"line":null,"max_price":null,"prefix":null,"rate_center":null,"state":null},"deadline":600.0,"features":[],"in_doubt":"wait","max_price":null,"number":null,"prefer":"given","quantity":1,"spend_cap":null,"valid_for":86400.0}}',1000000.0,1050000.0);
INSERT INTO "anycarrier_request" VALUES('orphan','ef2d037725b56c78a35a16801c5da8bacfca290404b92b09b6d22064c155dcef','{"accounts":["voicetel/voicetel","lc_phone/lc_phone"],"order":{"capabilities":[],"criteria":{"area_code":"201","city":null,"contains":null,"country":null,"ends_with":null,"features":[],"lata":null,"limit":10,"line":null,"max_price":null,"prefix":null,"rate_center":null,"state":null},"deadline":600.0,"features":[],"in_doubt":"wait","max_price":null,"number":null,"prefer":"given","quantity":1,"spend_cap":null,"valid_for":86400.0}}',1000000.0,1050000.0);
INSERT INTO "anycarrier_request" VALUES('released','2791095bc886a02c4594dd298f778105e7466386453398a8641edcdf537256a9','{"accounts":["voicetel/voicetel","lc_phone/lc_phone"],"order":{"capabilities":[],"criteria":null,"deadline":600.0,"features":[],"in_doubt":"wait","max_price":null,"number":"+12015550106","prefer":"given","quantity":1,"spend_cap":null,"valid_for":86400.0}}',1000000.0,1050000.0);
CREATE TABLE anycarrier_schema(version INTEGER PRIMARY KEY);
INSERT INTO "anycarrier_schema" VALUES(1);
CREATE INDEX anycarrier_intent_request ON anycarrier_intent(request_id);
CREATE INDEX anycarrier_intent_open ON anycarrier_intent(state) WHERE state IN ('OPEN','PARKED');
CREATE UNIQUE INDEX anycarrier_one_live_attempt ON anycarrier_attempt(intent_id)
        WHERE state IN ('SENT','IN_DOUBT','CONFIRMED');
CREATE UNIQUE INDEX anycarrier_one_pursuer ON anycarrier_attempt(provider, account, e164)
        WHERE state IN ('SENT','IN_DOUBT','CONFIRMED');
CREATE INDEX anycarrier_watch ON anycarrier_attempt(watched) WHERE watched = 1
    ;
COMMIT;
