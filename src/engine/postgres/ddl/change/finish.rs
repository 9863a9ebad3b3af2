//! What comes when all objects are there, in the order of a new database.

use super::locks::{ACCESS_EXCLUSIVE, SHARE_ROW_EXCLUSIVE};
use super::{Fate, Work};
use crate::ddl::text::{ident, qualified};
use crate::ddl::{tied, triggers, types as printed_types};
use crate::model::catalog::{Detail, Kind, Object, Policy, Rule, Trigger, attribute};

impl<'a> Work<'a> {
    pub(super) fn finish(&mut self) {
        let relations = self.relations();
        self.own_sequences();
        for new in &relations {
            self.add_keys(new);
        }
        self.make_after_keys();
        for new in &relations {
            self.add_indexes(new);
        }
        // From below: the index of a table is whole when those of its partitions are attached.
        for new in relations.iter().rev() {
            self.attach_partition(new);
            self.attach_indexes(new);
        }
        for new in &relations {
            self.set_indexes(new);
        }
        self.finish_domains();
        for new in &relations {
            self.add_not_valid(new);
            self.alter_constraints(new);
        }
        for new in &relations {
            self.add_foreign_keys(new);
        }
        for new in &relations {
            self.add_watching(new);
            self.set_watching(new);
        }
        self.tie_to_extensions();
        self.make_last(|kind| matches!(kind, Kind::Statistics | Kind::Publication | Kind::Subscription));
        self.change_publications();
        self.refresh();
        self.speak(|kind| kind != Kind::EventTrigger);
        self.make_last(|kind| kind == Kind::EventTrigger);
        self.speak(|kind| kind == Kind::EventTrigger);
        self.commit_labels();
    }

    /// Tables and views of the second catalog, partitions after their tables.
    fn relations(&self) -> Vec<&'a Object> {
        let to = self.to;
        let all = to.objects.iter().filter(|object| {
            matches!(object.detail, Detail::Table(_) | Detail::View(_)) && object.extension.is_none()
        });
        let mut relations: Vec<&Object> = all.collect();
        let depth = |object: &Object| {
            let mut depth = 0;
            let mut next = object.as_table().and_then(|table| table.partition_of.as_ref());
            while let Some(place) = next.filter(|_| depth < 100) {
                depth += 1;
                let parent = self.lookup.relation(&place.parent).and_then(Object::as_table);
                next = parent.and_then(|table| table.partition_of.as_ref());
            }
            depth
        };
        relations.sort_by_cached_key(|object| depth(object));
        relations
    }

    /// Checks of new domains that old values need not pass.
    fn finish_domains(&mut self) {
        for (id, new) in self.to.iter() {
            let Detail::Type(ty) = &new.detail else { continue };
            if self.fates.stayed(id).is_some() || new.extension.is_some() {
                continue;
            }
            let sql: Vec<String> = printed_types::later(new, ty).into_iter().map(|piece| piece.sql).collect();
            if !sql.is_empty() {
                self.step("alter domain", new, sql);
            }
        }
    }

    /// Rules, triggers and policies that are missing, and the state of those that are there.
    fn add_watching(&mut self, new: &Object) {
        let Some(now) = self.now.get(&new.name).cloned() else { return };
        let (old_triggers, old_policies, old_rules) = super::away_parts::watching(&now);
        let (new_triggers, new_policies, new_rules) = super::away_parts::watching(new);
        let rules: Vec<Rule> = new_rules
            .iter()
            .filter(|each| !old_rules.iter().any(|old| old.name == each.name))
            .cloned()
            .collect();
        for rule in &rules {
            let sql = triggers::rules(new, std::slice::from_ref(rule));
            let sql = sql.into_iter().map(|piece| piece.sql).collect();
            self.step("create rule", new, sql).lock = ACCESS_EXCLUSIVE.into();
        }
        let has = |name: &str| old_triggers.iter().any(|old| old.name == name);
        let missing: Vec<Trigger> = new_triggers.iter().filter(|each| !has(&each.name)).cloned().collect();
        for trigger in &missing {
            let one = std::slice::from_ref(trigger);
            let mut pieces = triggers::triggers(new, one);
            pieces.extend(triggers::inherited(new, one));
            let sql = pieces.into_iter().map(|piece| piece.sql).collect();
            let kind = if is_inherited(trigger) { "alter trigger" } else { "create trigger" };
            self.step(kind, new, sql).lock = SHARE_ROW_EXCLUSIVE.into();
        }
        let policies: Vec<Policy> = new_policies
            .iter()
            .filter(|each| !old_policies.iter().any(|old| old.name == each.name))
            .cloned()
            .collect();
        for policy in &policies {
            let sql = triggers::policies(new, std::slice::from_ref(policy));
            let sql = sql.into_iter().map(|piece| piece.sql).collect();
            self.step("create policy", new, sql).lock = ACCESS_EXCLUSIVE.into();
        }
        let mut sql = Vec::new();
        for each in new_triggers {
            let old = old_triggers.iter().find(|old| old.name == each.name);
            sql.extend(
                old.filter(|old| old.state != each.state)
                    .map(|_| enable(new, "TRIGGER", &each.name, &each.state)),
            );
        }
        // An override of a partition ends by taking the state of the parent's trigger.
        for old in old_triggers.iter().filter(|old| is_inherited(old)) {
            if !new_triggers.iter().any(|each| each.name == old.name) {
                let state = self.state_above(new, &old.name);
                sql.push(enable(new, "TRIGGER", &old.name, &state));
            }
        }
        for each in new_rules {
            let old = old_rules.iter().find(|old| old.name == each.name);
            sql.extend(
                old.filter(|old| old.state != each.state)
                    .map(|_| enable(new, "RULE", &each.name, &each.state)),
            );
        }
        if !sql.is_empty() {
            self.step("alter trigger", new, sql).lock = SHARE_ROW_EXCLUSIVE.into();
        }
    }

    fn state_above(&self, object: &Object, trigger: &str) -> String {
        let place = object.as_table().and_then(|table| table.partition_of.as_ref());
        let parent = place.and_then(|place| self.lookup.relation(&place.parent)).and_then(Object::as_table);
        let found = parent.and_then(|table| table.triggers.iter().find(|each| each.name == trigger));
        found.map_or_else(|| "enabled".to_owned(), |each| each.state.clone())
    }

    /// What goes away with an extension, and what does so no more.
    fn tie_to_extensions(&mut self) {
        for (id, new) in self.to.iter().filter(|(_, object)| object.extension.is_none()) {
            let old = self.fates.stayed(id).map(|id| self.from.get(id));
            let ties = |object: &Object| -> Vec<String> {
                let ties = object.attributes.iter().filter(|each| each.name == "depends on extension");
                ties.map(|each| each.value.clone()).collect()
            };
            let (before, after) = (old.map(ties).unwrap_or_default(), ties(new));
            if before == after {
                continue;
            }
            let mut sql: Vec<String> = before
                .iter()
                .filter(|name| !after.contains(name))
                .map(|name| format!("{} NO DEPENDS ON EXTENSION {}", super::alter(new), ident(name)))
                .collect();
            sql.extend(tied(new).into_iter().map(|piece| piece.sql));
            self.step(&format!("alter {}", new.kind().word()), new, sql);
        }
    }

    /// A materialized view that was made anew has no rows until it is refreshed.
    fn refresh(&mut self) {
        let order = crate::ddl::order::order(self.to);
        for (id, _) in order.before.iter().chain(&order.after_keys) {
            let new = self.to.get(*id);
            let Detail::View(view) = &new.detail else { continue };
            if !view.materialized || self.fates.stayed(*id).is_some() {
                continue;
            }
            let sql = format!("REFRESH MATERIALIZED VIEW {}", qualified(&new.name));
            let again = self.fates.origin(*id).is_some_and(|old| self.fates.get(old) == Fate::Again);
            let step = self.step("refresh view", new, vec![sql]);
            step.lock = ACCESS_EXCLUSIVE.into();
            if again {
                step.why = "it was made anew".into();
            }
        }
    }
}

fn is_inherited(trigger: &Trigger) -> bool {
    attribute(&trigger.attributes, "inherited").is_some()
}

fn enable(object: &Object, what: &str, name: &str, state: &str) -> String {
    let change = match state {
        "disabled" => "DISABLE",
        "replica" => "ENABLE REPLICA",
        "always" => "ENABLE ALWAYS",
        _ => "ENABLE",
    };
    format!("ALTER TABLE {} {change} {what} {}", qualified(&object.name), ident(name))
}
