//! What the rules of squawk are called here, for the comments that teams have in their files.

/// Our rules that look for what a rule of squawk looks for; none where nothing of ours does.
pub fn of_squawk(name: &str) -> Vec<String> {
    let ours: &[&str] = match name {
        "require-concurrent-index-creation" => &["index-blocks-writes"],
        "require-concurrent-index-deletion" => &["drop-index-blocks"],
        "require-concurrent-reindex" => &["reindex-blocks"],
        "require-concurrent-partition-detach" => &["detach-blocks"],
        "ban-concurrent-index-creation-in-transaction" => &["not-in-transaction"],
        "constraint-missing-not-valid" => {
            &["check-scans-table", "foreign-key-scans-table", "validate-under-lock"]
        }
        "adding-foreign-key-constraint" => &["foreign-key-scans-table"],
        "adding-field-with-default" => &["column-rewrites-table"],
        "adding-required-field" => &["required-column"],
        "adding-not-nullable-field" => &["not-null-scans-table"],
        "adding-serial-primary-key-field" => &["unique-blocks-all", "column-rewrites-table"],
        "disallowed-unique-constraint" => &["unique-blocks-all"],
        "changing-column-type" => &["type-rewrites-table"],
        "renaming-column" => &["rename-column"],
        "renaming-table" => &["rename-table"],
        "ban-drop-column" => &["drop-column"],
        "ban-drop-table" => &["drop-table"],
        "ban-drop-database" => &["drop-database"],
        "ban-drop-not-null" => &["drop-not-null"],
        "ban-truncate-cascade" => &["truncate"],
        "ban-char-field" => &["padded-text"],
        "ban-create-domain-with-constraint" | "ban-alter-domain-with-add-constraint" => {
            &["domain-constraint"]
        }
        "ban-uncommitted-transaction" | "transaction-nesting" => &["transaction-left-open"],
        "ban-duplicate-column-assignments" => &["column-set-twice"],
        "prefer-bigint-over-int" | "prefer-bigint-over-smallint" | "prefer-big-int" => {
            &["small-key-added", "number-may-overflow"]
        }
        "prefer-identity" => &["serial-added"],
        "prefer-text-field" => &["limited-text"],
        "prefer-timestamptz" | "prefer-timestamp-tz" => &["time-without-zone"],
        "prefer-repack" => &["table-written-anew"],
        "prefer-robust-stmts" => &["not-repeatable"],
        "require-lock-timeout" => &["lock-timeout-off"],
        "require-statement-timeout" => &["no-statement-timeout"],
        "require-timeout-settings" => &["lock-timeout-off", "no-statement-timeout"],
        "require-enum-value-ordering" => &["enum-value-order"],
        "require-table-schema" => &["no-schema-named"],
        "identifier-too-long" => &["name-too-long"],
        _ => &[],
    };
    ours.iter().map(|name| (*name).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_names_are_those_of_rules() {
        let known = crate::ids();
        let text = include_str!("squawk.rs");
        let table = &text[text.find("match name").unwrap()..text.find("_ => &[]").unwrap()];
        let quoted: Vec<&str> = table.split('"').skip(1).step_by(2).collect();
        let ours = quoted.iter().filter(|name| known.contains(name)).count();
        assert!(ours >= 35, "{ours} of {}", quoted.len());
        for line in table.lines().filter(|line| line.contains("&[")) {
            let targets = line.split("&[").nth(1).unwrap();
            for name in targets.split('"').skip(1).step_by(2) {
                assert!(known.contains(&name), "{name}");
            }
        }
    }
}
