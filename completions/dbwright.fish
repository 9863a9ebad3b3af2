# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_dbwright_global_optspecs
    string join \n config= profile= url= format= json q/quiet v/verbose wide no-color no-progress log-format= y/yes yes-on= timeout= lock-timeout= h/help V/version
end

function __fish_dbwright_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_dbwright_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_dbwright_using_subcommand
    set -l cmd (__fish_dbwright_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c dbwright -n "__fish_dbwright_needs_command" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_needs_command" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_needs_command" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_needs_command" -l format -d 'How results are printed [default: table]' -r -f -a "table\t'Aligned columns, for people'
csv\t'Comma-separated values (RFC 4180)'
tsv\t'Tab-separated values in PostgreSQL\'s COPY text conventions'
json\t'One JSON document'
ndjson\t'One JSON object a line'
markdown\t'A Markdown table'
expanded\t'One line a column, for wide rows'"
complete -c dbwright -n "__fish_dbwright_needs_command" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_needs_command" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_needs_command" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_needs_command" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_needs_command" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_needs_command" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_needs_command" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_needs_command" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_needs_command" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_needs_command" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_needs_command" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_needs_command" -s V -l version -d 'Print version'
complete -c dbwright -n "__fish_dbwright_needs_command" -f -a "connect" -d 'Open a shell, run SQL, or check a connection'
complete -c dbwright -n "__fish_dbwright_needs_command" -f -a "profile" -d 'Write, list, show and check the profiles of dbwright.toml'
complete -c dbwright -n "__fish_dbwright_needs_command" -f -a "schema" -d 'Show, write, compare, change, document and check the objects of a database'
complete -c dbwright -n "__fish_dbwright_needs_command" -f -a "migrate" -d 'Apply migrations, take them back, and tell where a database stands'
complete -c dbwright -n "__fish_dbwright_needs_command" -f -a "backup" -d 'Back up a database, and look after what was backed up'
complete -c dbwright -n "__fish_dbwright_needs_command" -f -a "restore" -d 'Make a database again from a backup'
complete -c dbwright -n "__fish_dbwright_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c dbwright -n "__fish_dbwright_needs_command" -f -a "man" -d 'Print the manual page, or write one for every command'
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and not __fish_seen_subcommand_from pool" -s c -l command -d 'Run SQL and end (may be given again; runs in order with -f)' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and not __fish_seen_subcommand_from pool" -s f -l file -d 'Run the statements of FILE and end; - is standard input' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and not __fish_seen_subcommand_from pool" -l param -d 'Bind VALUE to :NAME in the statements; NAME:int, :float, :blob (hex) and :null give it a type' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and not __fish_seen_subcommand_from pool" -l on-error -d 'What to do when a statement fails' -r -f -a "stop\t'End with the first error'
continue\t'Report it and go on; the exit code is still 1'"
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and not __fish_seen_subcommand_from pool" -l null -d 'Print this for NULL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and not __fish_seen_subcommand_from pool" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and not __fish_seen_subcommand_from pool" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and not __fish_seen_subcommand_from pool" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and not __fish_seen_subcommand_from pool" -l format -d 'How results are printed [default: table]' -r -f -a "table\t'Aligned columns, for people'
csv\t'Comma-separated values (RFC 4180)'
tsv\t'Tab-separated values in PostgreSQL\'s COPY text conventions'
json\t'One JSON document'
ndjson\t'One JSON object a line'
markdown\t'A Markdown table'
expanded\t'One line a column, for wide rows'"
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and not __fish_seen_subcommand_from pool" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and not __fish_seen_subcommand_from pool" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and not __fish_seen_subcommand_from pool" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and not __fish_seen_subcommand_from pool" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and not __fish_seen_subcommand_from pool" -s 1 -l single-transaction -d 'Run everything in one transaction: all or nothing'
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and not __fish_seen_subcommand_from pool" -l no-header -d 'Leave out column names'
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and not __fish_seen_subcommand_from pool" -l check -d 'Report server, version, TLS, timing, role and permissions instead of running anything'
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and not __fish_seen_subcommand_from pool" -l all -d 'With --check: every profile at once'
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and not __fish_seen_subcommand_from pool" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and not __fish_seen_subcommand_from pool" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and not __fish_seen_subcommand_from pool" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and not __fish_seen_subcommand_from pool" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and not __fish_seen_subcommand_from pool" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and not __fish_seen_subcommand_from pool" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and not __fish_seen_subcommand_from pool" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and not __fish_seen_subcommand_from pool" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and not __fish_seen_subcommand_from pool" -a "pool" -d 'Run a statement from many clients over a pool, and report throughput and latency'
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and __fish_seen_subcommand_from pool" -l clients -d 'Threads that run the statement' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and __fish_seen_subcommand_from pool" -l pool-size -d 'Connections in the pool [default: the profile\'s pool_size]' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and __fish_seen_subcommand_from pool" -l seconds -d 'For how long' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and __fish_seen_subcommand_from pool" -s c -l command -d 'The statement; may be given again' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and __fish_seen_subcommand_from pool" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and __fish_seen_subcommand_from pool" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and __fish_seen_subcommand_from pool" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and __fish_seen_subcommand_from pool" -l format -d 'How results are printed [default: table]' -r -f -a "table\t'Aligned columns, for people'
csv\t'Comma-separated values (RFC 4180)'
tsv\t'Tab-separated values in PostgreSQL\'s COPY text conventions'
json\t'One JSON document'
ndjson\t'One JSON object a line'
markdown\t'A Markdown table'
expanded\t'One line a column, for wide rows'"
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and __fish_seen_subcommand_from pool" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and __fish_seen_subcommand_from pool" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and __fish_seen_subcommand_from pool" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and __fish_seen_subcommand_from pool" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and __fish_seen_subcommand_from pool" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and __fish_seen_subcommand_from pool" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and __fish_seen_subcommand_from pool" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and __fish_seen_subcommand_from pool" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and __fish_seen_subcommand_from pool" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and __fish_seen_subcommand_from pool" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and __fish_seen_subcommand_from pool" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand connect; and __fish_seen_subcommand_from pool" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and not __fish_seen_subcommand_from init list show check" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and not __fish_seen_subcommand_from init list show check" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and not __fish_seen_subcommand_from init list show check" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and not __fish_seen_subcommand_from init list show check" -l format -d 'How results are printed [default: table]' -r -f -a "table\t'Aligned columns, for people'
csv\t'Comma-separated values (RFC 4180)'
tsv\t'Tab-separated values in PostgreSQL\'s COPY text conventions'
json\t'One JSON document'
ndjson\t'One JSON object a line'
markdown\t'A Markdown table'
expanded\t'One line a column, for wide rows'"
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and not __fish_seen_subcommand_from init list show check" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and not __fish_seen_subcommand_from init list show check" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and not __fish_seen_subcommand_from init list show check" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and not __fish_seen_subcommand_from init list show check" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and not __fish_seen_subcommand_from init list show check" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and not __fish_seen_subcommand_from init list show check" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and not __fish_seen_subcommand_from init list show check" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and not __fish_seen_subcommand_from init list show check" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and not __fish_seen_subcommand_from init list show check" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and not __fish_seen_subcommand_from init list show check" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and not __fish_seen_subcommand_from init list show check" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and not __fish_seen_subcommand_from init list show check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and not __fish_seen_subcommand_from init list show check" -f -a "init" -d 'Write a commented dbwright.toml to start from'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and not __fish_seen_subcommand_from init list show check" -f -a "list" -d 'List the profiles: where they lead and where their passwords come from'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and not __fish_seen_subcommand_from init list show check" -f -a "show" -d 'Show what a profile comes to, and where each value comes from'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and not __fish_seen_subcommand_from init list show check" -f -a "check" -d 'Check the file: unknown keys, wrong types and bad values, all at once'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from init" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from init" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from init" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from init" -l format -d 'How results are printed [default: table]' -r -f -a "table\t'Aligned columns, for people'
csv\t'Comma-separated values (RFC 4180)'
tsv\t'Tab-separated values in PostgreSQL\'s COPY text conventions'
json\t'One JSON document'
ndjson\t'One JSON object a line'
markdown\t'A Markdown table'
expanded\t'One line a column, for wide rows'"
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from init" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from init" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from init" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from init" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from init" -l force -d 'Overwrite a file that exists'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from init" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from init" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from init" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from init" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from init" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from init" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from init" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from list" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from list" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from list" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from list" -l format -d 'How results are printed [default: table]' -r -f -a "table\t'Aligned columns, for people'
csv\t'Comma-separated values (RFC 4180)'
tsv\t'Tab-separated values in PostgreSQL\'s COPY text conventions'
json\t'One JSON document'
ndjson\t'One JSON object a line'
markdown\t'A Markdown table'
expanded\t'One line a column, for wide rows'"
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from list" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from list" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from list" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from list" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from list" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from list" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from list" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from list" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from show" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from show" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from show" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from show" -l format -d 'How results are printed [default: table]' -r -f -a "table\t'Aligned columns, for people'
csv\t'Comma-separated values (RFC 4180)'
tsv\t'Tab-separated values in PostgreSQL\'s COPY text conventions'
json\t'One JSON document'
ndjson\t'One JSON object a line'
markdown\t'A Markdown table'
expanded\t'One line a column, for wide rows'"
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from show" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from show" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from show" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from show" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from show" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from show" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from show" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from show" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from check" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from check" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from check" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from check" -l format -d 'How results are printed [default: table]' -r -f -a "table\t'Aligned columns, for people'
csv\t'Comma-separated values (RFC 4180)'
tsv\t'Tab-separated values in PostgreSQL\'s COPY text conventions'
json\t'One JSON document'
ndjson\t'One JSON object a line'
markdown\t'A Markdown table'
expanded\t'One line a column, for wide rows'"
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from check" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from check" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from check" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from check" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from check" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from check" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from check" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from check" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from check" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand profile; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and not __fish_seen_subcommand_from show dump gen diff apply docs graph lint" -l format -d 'How results are printed [default: ]' -r -f -a ""
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and not __fish_seen_subcommand_from show dump gen diff apply docs graph lint" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and not __fish_seen_subcommand_from show dump gen diff apply docs graph lint" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and not __fish_seen_subcommand_from show dump gen diff apply docs graph lint" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and not __fish_seen_subcommand_from show dump gen diff apply docs graph lint" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and not __fish_seen_subcommand_from show dump gen diff apply docs graph lint" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and not __fish_seen_subcommand_from show dump gen diff apply docs graph lint" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and not __fish_seen_subcommand_from show dump gen diff apply docs graph lint" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and not __fish_seen_subcommand_from show dump gen diff apply docs graph lint" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and not __fish_seen_subcommand_from show dump gen diff apply docs graph lint" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and not __fish_seen_subcommand_from show dump gen diff apply docs graph lint" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and not __fish_seen_subcommand_from show dump gen diff apply docs graph lint" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and not __fish_seen_subcommand_from show dump gen diff apply docs graph lint" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and not __fish_seen_subcommand_from show dump gen diff apply docs graph lint" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and not __fish_seen_subcommand_from show dump gen diff apply docs graph lint" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and not __fish_seen_subcommand_from show dump gen diff apply docs graph lint" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and not __fish_seen_subcommand_from show dump gen diff apply docs graph lint" -f -a "show" -d 'Show the objects of a database, or describe some of them'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and not __fish_seen_subcommand_from show dump gen diff apply docs graph lint" -f -a "dump" -d 'Write the statements that build the same database, without its rows'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and not __fish_seen_subcommand_from show dump gen diff apply docs graph lint" -f -a "gen" -d 'Write a schema for any engine, from a definition, SQL files or another database'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and not __fish_seen_subcommand_from show dump gen diff apply docs graph lint" -f -a "diff" -d 'Show what differs between two schemas, and the plan that changes A into B'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and not __fish_seen_subcommand_from show dump gen diff apply docs graph lint" -f -a "apply" -d 'Change a database into what a definition, SQL or migrations say it should be'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and not __fish_seen_subcommand_from show dump gen diff apply docs graph lint" -f -a "docs" -d 'Write the documentation of a database: every object, links and diagrams'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and not __fish_seen_subcommand_from show dump gen diff apply docs graph lint" -f -a "graph" -d 'Draw tables and the foreign keys between them'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and not __fish_seen_subcommand_from show dump gen diff apply docs graph lint" -f -a "lint" -d 'Look for what is wrong with the objects of a database'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from show" -l format -d 'How results are printed [default: tree]' -r -f -a "tree\t'Indented lines, for people'
table\t'Aligned columns, for people'
json\t'One JSON document'
sql\t'SQL statements'"
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from show" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from show" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from show" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from show" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from show" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from show" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from show" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from show" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from show" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from show" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from show" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from dump" -s o -l output -d 'Write to FILE, which is replaced only when all is done [default: standard output]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from dump" -l section -d 'Only this part (may be given again)' -r -f -a "before-data\t'What must be there before rows are loaded: schemas, types, functions, tables, views'
after-data\t'What is faster made when the rows are there: keys, indexes, foreign keys, triggers, grants'"
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from dump" -l format -d 'How results are printed [default: sql]' -r -f -a "sql\t'SQL statements'
json\t'One JSON document'"
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from dump" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from dump" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from dump" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from dump" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from dump" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from dump" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from dump" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from dump" -l with-privileges -d 'Owners and grants too'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from dump" -l strict -d 'Write nothing and end with 1 when something could not be read'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from dump" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from dump" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from dump" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from dump" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from dump" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from dump" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from dump" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from dump" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from gen" -l from -d 'Take the schema from a database, a file of SQL (.sql), or a folder of migrations' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from gen" -s e -l engine -d 'The engine to write for [default: the one it comes from]' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from gen" -l as -d 'What to write' -r -f -a "sql\t'Statements'
definition\t'A definition file'"
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from gen" -l syntax -d 'The syntax of a definition [default: by the ending of --output, else toml]' -r -f -a "toml\t''
yaml\t''
json\t''"
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from gen" -l scratch -d 'A server where a database may be made for a moment, to load SQL files of its engine' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from gen" -l from-engine -d 'The engine whose SQL a file holds [default: that of --scratch, else sqlite]' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from gen" -s o -l output -d 'Write to a file' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from gen" -l format -d 'How results are printed [default: sql]' -r -f -a "sql\t'SQL statements'
json\t'One JSON document'"
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from gen" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from gen" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from gen" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from gen" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from gen" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from gen" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from gen" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from gen" -l strict -d 'Fail if anything cannot be carried over'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from gen" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from gen" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from gen" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from gen" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from gen" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from gen" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from gen" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from gen" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from diff" -l as-migration -d 'Write the plan and its undo as a migration into the folder of --dir' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from diff" -l dir -d 'The folder of migrations' -r -f -a "(__fish_complete_directories)"
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from diff" -l scratch -d 'A server where a database may be made for a moment, to load files into [default: `scratch` of the profile]' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from diff" -l rename -d 'A table or column that goes by another name and keeps its rows (may be given again)' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from diff" -l engine -d 'The engine that files are written for [default: that of the other side, or of --scratch]' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from diff" -l format -d 'How results are printed [default: table]' -r -f -a "table\t'Aligned columns, for people'
json\t'One JSON document'
sql\t'SQL statements'"
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from diff" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from diff" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from diff" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from diff" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from diff" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from diff" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from diff" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from diff" -l exit-code -d 'Exit with 1 when anything differs'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from diff" -l undo -d 'Show the plan that takes it back, too; with --format sql instead'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from diff" -l online -d 'Prefer statements that let others go on working, although they take longer'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from diff" -l allow-loss -d 'Allow what loses data'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from diff" -l with-privileges -d 'Owners and grants too, which only databases have'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from diff" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from diff" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from diff" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from diff" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from diff" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from diff" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from diff" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from apply" -l scratch -d 'A server where a database may be made for a moment, to load files into [default: `scratch` of the profile]' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from apply" -l rename -d 'A table or column that goes by another name and keeps its rows (may be given again)' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from apply" -l engine -d 'The engine that files are written for [default: that of the other side, or of --scratch]' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from apply" -l format -d 'How results are printed [default: table]' -r -f -a "table\t'Aligned columns, for people'
json\t'One JSON document'"
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from apply" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from apply" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from apply" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from apply" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from apply" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from apply" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from apply" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from apply" -l dry-run -d 'Show the plan and change nothing'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from apply" -l keep-extra -d 'Leave alone the objects that only the database has'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from apply" -l online -d 'Prefer statements that let others go on working, although they take longer'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from apply" -l allow-loss -d 'Allow what loses data'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from apply" -l with-privileges -d 'Owners and grants too, which only databases have'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from apply" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from apply" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from apply" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from apply" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from apply" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from apply" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from apply" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from apply" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from docs" -l out -d 'The folder for Markdown, the file for HTML; a name that ends in .html asks for HTML' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from docs" -l title -d 'The title [default: the name of the database]' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from docs" -l format -d 'How results are printed [default: markdown]' -r -f -a "markdown\t'A Markdown table'
html\t'A page for browsers'"
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from docs" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from docs" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from docs" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from docs" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from docs" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from docs" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from docs" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from docs" -l check -d 'Write nothing; fail when PATH is not up to date'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from docs" -l sizes -d 'Add row estimates and sizes on disk, which change with the data'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from docs" -l with-privileges -d 'Add owners and rights'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from docs" -l strict -d 'Fail when something could not be read'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from docs" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from docs" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from docs" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from docs" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from docs" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from docs" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from docs" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from docs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from graph" -l depth -d 'How many foreign keys to follow from the tables named, in both directions' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from graph" -l columns -d 'The columns to show' -r -f -a "none\t'Names of tables alone'
keys\t'Columns of primary and foreign keys'
all\t'All columns'"
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from graph" -l format -d 'How results are printed [default: mermaid]' -r -f -a "mermaid\t'A Mermaid diagram'
dot\t'A graph for Graphviz'
svg\t'A drawing'"
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from graph" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from graph" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from graph" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from graph" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from graph" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from graph" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from graph" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from graph" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from graph" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from graph" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from graph" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from graph" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from graph" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from graph" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from graph" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from lint" -l rule -d 'Run only this rule; can be given again' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from lint" -l level -d 'Fail from this severity on' -r -f -a "info\t''
low\t''
medium\t''
high\t''
critical\t''"
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from lint" -l format -d 'How results are printed; markdown with --rules only [default: table]' -r -f -a "table\t'Aligned columns, for people'
json\t'One JSON document'
sarif\t'SARIF 2.1, for code scanners'
junit\t'JUnit XML, for CI servers'
github\t'Annotations of GitHub\'s workflows'
markdown\t'A Markdown table'"
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from lint" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from lint" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from lint" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from lint" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from lint" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from lint" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from lint" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from lint" -l show-waived -d 'Show waived findings and their reasons'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from lint" -l rules -d 'List the rules instead'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from lint" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from lint" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from lint" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from lint" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from lint" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from lint" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from lint" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand schema; and __fish_seen_subcommand_from lint" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and not __fish_seen_subcommand_from new up down redo status baseline adopt repair verify lint copy" -l format -d 'How results are printed [default: ]' -r -f -a ""
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and not __fish_seen_subcommand_from new up down redo status baseline adopt repair verify lint copy" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and not __fish_seen_subcommand_from new up down redo status baseline adopt repair verify lint copy" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and not __fish_seen_subcommand_from new up down redo status baseline adopt repair verify lint copy" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and not __fish_seen_subcommand_from new up down redo status baseline adopt repair verify lint copy" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and not __fish_seen_subcommand_from new up down redo status baseline adopt repair verify lint copy" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and not __fish_seen_subcommand_from new up down redo status baseline adopt repair verify lint copy" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and not __fish_seen_subcommand_from new up down redo status baseline adopt repair verify lint copy" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and not __fish_seen_subcommand_from new up down redo status baseline adopt repair verify lint copy" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and not __fish_seen_subcommand_from new up down redo status baseline adopt repair verify lint copy" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and not __fish_seen_subcommand_from new up down redo status baseline adopt repair verify lint copy" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and not __fish_seen_subcommand_from new up down redo status baseline adopt repair verify lint copy" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and not __fish_seen_subcommand_from new up down redo status baseline adopt repair verify lint copy" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and not __fish_seen_subcommand_from new up down redo status baseline adopt repair verify lint copy" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and not __fish_seen_subcommand_from new up down redo status baseline adopt repair verify lint copy" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and not __fish_seen_subcommand_from new up down redo status baseline adopt repair verify lint copy" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and not __fish_seen_subcommand_from new up down redo status baseline adopt repair verify lint copy" -f -a "new" -d 'Write a migration into the folder, in the style of those that are there'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and not __fish_seen_subcommand_from new up down redo status baseline adopt repair verify lint copy" -f -a "up" -d 'Apply pending migrations'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and not __fish_seen_subcommand_from new up down redo status baseline adopt repair verify lint copy" -f -a "down" -d 'Take back what was applied last'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and not __fish_seen_subcommand_from new up down redo status baseline adopt repair verify lint copy" -f -a "redo" -d 'Take back what was applied last, and apply it again'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and not __fish_seen_subcommand_from new up down redo status baseline adopt repair verify lint copy" -f -a "status" -d 'Tell which migrations are applied, pending, edited, missing or done in part'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and not __fish_seen_subcommand_from new up down redo status baseline adopt repair verify lint copy" -f -a "baseline" -d 'Say that a database has all migrations up to one already, without running them'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and not __fish_seen_subcommand_from new up down redo status baseline adopt repair verify lint copy" -f -a "adopt" -d 'Take over the history that another tool has kept in the database'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and not __fish_seen_subcommand_from new up down redo status baseline adopt repair verify lint copy" -f -a "repair" -d 'Bring the history in line with the files, or with what is known of the database'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and not __fish_seen_subcommand_from new up down redo status baseline adopt repair verify lint copy" -f -a "verify" -d 'Prove that pending migrations can be taken back, and that the applied ones make this schema'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and not __fish_seen_subcommand_from new up down redo status baseline adopt repair verify lint copy" -f -a "lint" -d 'Look for what pending migrations would lock, write anew, lose or break'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and not __fish_seen_subcommand_from new up down redo status baseline adopt repair verify lint copy" -f -a "copy" -d 'Copy a database to another engine or server, and prove that nothing was lost'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from new" -l dir -d 'The folder of migrations [default: migrations, or db/migrations]' -r -f -a "(__fish_complete_directories)"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from new" -l sql -d 'What is done; - reads it from standard input' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from new" -l from-diff -d 'Write what changes the schema A into B, and what takes that back: each a profile, a URL, a SQLite file, a definition, a file of SQL, or a folder of migrations' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from new" -l scratch -d 'A server where a database may be made for a moment, to load files into [default: `scratch` of the profile]' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from new" -l rename -d 'A table or column that goes by another name and keeps its rows (may be given again)' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from new" -l engine -d 'The engine that files are written for [default: that of the other side, or of --scratch]' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from new" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from new" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from new" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from new" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from new" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from new" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from new" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from new" -l online -d 'Prefer statements that let others go on working, although they take longer'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from new" -l allow-loss -d 'Allow what loses data'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from new" -l with-privileges -d 'Owners and grants too, which only databases have'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from new" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from new" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from new" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from new" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from new" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from new" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from new" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from new" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from up" -l dir -d 'The folder of migrations [default: that of the profile, or migrations, or db/migrations]' -r -f -a "(__fish_complete_directories)"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from up" -l set -d 'The value of a placeholder, in files that have placeholders' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from up" -l to -d 'The last migration to apply' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from up" -l steps -d 'How many to apply' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from up" -l out-of-order -d 'What to do with migrations that are older than the last that was applied [default: strict]' -r -f -a "strict\t'Refuse'
warn\t'Apply them, and warn'
allow\t'Apply them'"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from up" -l wait -d 'How long another run on the same database is waited for' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from up" -l lock-retries -d 'How often a migration is tried again that could not have a lock within --lock-timeout' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from up" -l format -d 'How results are printed [default: table]' -r -f -a "table\t'Aligned columns, for people'
json\t'One JSON document'"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from up" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from up" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from up" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from up" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from up" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from up" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from up" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from up" -l dry-run -d 'Show what would be applied, and change nothing'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from up" -l one-transaction -d 'All in one transaction: all or nothing'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from up" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from up" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from up" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from up" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from up" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from up" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from up" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from up" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from down" -l dir -d 'The folder of migrations [default: that of the profile, or migrations, or db/migrations]' -r -f -a "(__fish_complete_directories)"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from down" -l set -d 'The value of a placeholder, in files that have placeholders' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from down" -l to -d 'The migration that is to be the last one again; 0 takes back all' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from down" -l steps -d 'How many to take back [default: 1]' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from down" -l wait -d 'How long another run on the same database is waited for' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from down" -l lock-retries -d 'How often a migration is tried again that could not have a lock within --lock-timeout' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from down" -l format -d 'How results are printed [default: table]' -r -f -a "table\t'Aligned columns, for people'
json\t'One JSON document'"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from down" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from down" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from down" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from down" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from down" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from down" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from down" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from down" -l dry-run -d 'Show what would be taken back, and change nothing'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from down" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from down" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from down" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from down" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from down" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from down" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from down" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from down" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from redo" -l dir -d 'The folder of migrations [default: that of the profile, or migrations, or db/migrations]' -r -f -a "(__fish_complete_directories)"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from redo" -l set -d 'The value of a placeholder, in files that have placeholders' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from redo" -l steps -d 'How many' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from redo" -l wait -d 'How long another run on the same database is waited for' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from redo" -l lock-retries -d 'How often a migration is tried again that could not have a lock within --lock-timeout' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from redo" -l format -d 'How results are printed [default: table]' -r -f -a "table\t'Aligned columns, for people'
json\t'One JSON document'"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from redo" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from redo" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from redo" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from redo" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from redo" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from redo" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from redo" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from redo" -l dry-run -d 'Show what would be taken back and applied again, and change nothing'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from redo" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from redo" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from redo" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from redo" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from redo" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from redo" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from redo" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from redo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from status" -l dir -d 'The folder of migrations [default: that of the profile, or migrations, or db/migrations]' -r -f -a "(__fish_complete_directories)"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from status" -l set -d 'The value of a placeholder, in files that have placeholders' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from status" -l format -d 'How results are printed [default: table]' -r -f -a "table\t'Aligned columns, for people'
json\t'One JSON document'"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from status" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from status" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from status" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from status" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from status" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from status" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from status" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from status" -l exit-code -d 'Exit with 1 when anything is not as it should be, also when something is pending'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from status" -l open -d 'Only what is not applied as it should be'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from status" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from status" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from status" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from status" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from status" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from baseline" -l dir -d 'The folder of migrations [default: that of the profile, or migrations, or db/migrations]' -r -f -a "(__fish_complete_directories)"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from baseline" -l set -d 'The value of a placeholder, in files that have placeholders' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from baseline" -l at -d 'The last migration that the database has' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from baseline" -l wait -d 'How long another run on the same database is waited for' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from baseline" -l lock-retries -d 'How often a migration is tried again that could not have a lock within --lock-timeout' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from baseline" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from baseline" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from baseline" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from baseline" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from baseline" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from baseline" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from baseline" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from baseline" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from baseline" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from baseline" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from baseline" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from baseline" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from baseline" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from baseline" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from baseline" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from adopt" -l dir -d 'The folder of migrations [default: that of the profile, or migrations, or db/migrations]' -r -f -a "(__fish_complete_directories)"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from adopt" -l set -d 'The value of a placeholder, in files that have placeholders' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from adopt" -l from -d 'The other tool, where the database has tables of several' -r -f -a "dbmate\t''
golang-migrate\t''
flyway\t''
goose\t''
sqlx\t''
refinery\t''
sql-migrate\t''
diesel\t''
liquibase\t''
sqitch\t''"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from adopt" -l wait -d 'How long another run on the same database is waited for' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from adopt" -l lock-retries -d 'How often a migration is tried again that could not have a lock within --lock-timeout' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from adopt" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from adopt" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from adopt" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from adopt" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from adopt" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from adopt" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from adopt" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from adopt" -l dry-run -d 'Show what would be taken over, and change nothing'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from adopt" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from adopt" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from adopt" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from adopt" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from adopt" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from adopt" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from adopt" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from adopt" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from repair" -l dir -d 'The folder of migrations [default: that of the profile, or migrations, or db/migrations]' -r -f -a "(__fish_complete_directories)"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from repair" -l set -d 'The value of a placeholder, in files that have placeholders' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from repair" -l forget -d 'Take this migration for not applied' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from repair" -l applied -d 'Take this migration, of which a part took effect, for applied' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from repair" -l undo -d 'Take back the statements of this migration that took effect before it failed' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from repair" -l wait -d 'How long another run on the same database is waited for' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from repair" -l lock-retries -d 'How often a migration is tried again that could not have a lock within --lock-timeout' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from repair" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from repair" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from repair" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from repair" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from repair" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from repair" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from repair" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from repair" -l accept -d 'Take the files that were edited after they were applied for what was applied'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from repair" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from repair" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from repair" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from repair" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from repair" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from repair" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from repair" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from repair" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from verify" -l dir -d 'The folder of migrations [default: that of the profile, or migrations, or db/migrations]' -r -f -a "(__fish_complete_directories)"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from verify" -l set -d 'The value of a placeholder, in files that have placeholders' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from verify" -l scratch -d 'A server where a database may be made for a moment, instead of the same' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from verify" -l format -d 'How results are printed [default: table]' -r -f -a "table\t'Aligned columns, for people'
json\t'One JSON document'"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from verify" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from verify" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from verify" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from verify" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from verify" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from verify" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from verify" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from verify" -l all -d 'Take down and up again what is applied, too'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from verify" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from verify" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from verify" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from verify" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from verify" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from lint" -l dir -d 'The folder of migrations [default: that of the profile, or migrations, or db/migrations]' -r -f -a "(__fish_complete_directories)"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from lint" -l set -d 'The value of a placeholder, in files that have placeholders' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from lint" -l engine -d 'Look at the files alone, for this engine: sqlite, postgres, mysql, mariadb' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from lint" -l server-version -d 'The version that the files are for [default: the newest]' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from lint" -l from -d 'Look at this migration and those after it only' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from lint" -l rule -d 'Run only this rule; can be given again' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from lint" -l level -d 'Fail from this severity on' -r -f -a "info\t''
low\t''
medium\t''
high\t''
critical\t''"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from lint" -l format -d 'How results are printed; markdown with --rules only [default: table]' -r -f -a "table\t'Aligned columns, for people'
json\t'One JSON document'
sarif\t'SARIF 2.1, for code scanners'
junit\t'JUnit XML, for CI servers'
github\t'Annotations of GitHub\'s workflows'
markdown\t'A Markdown table'"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from lint" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from lint" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from lint" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from lint" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from lint" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from lint" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from lint" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from lint" -l all -d 'Look at the migrations that are applied as well'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from lint" -l show-waived -d 'Show waived findings and their reasons'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from lint" -l rules -d 'List the rules instead'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from lint" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from lint" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from lint" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from lint" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from lint" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from lint" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from lint" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from lint" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from copy" -l from -d 'The database to copy: it is read, and not changed' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from copy" -l to -d 'The database to fill, which must be empty; a SQLite file is made' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from copy" -l jobs -d 'Work with N sessions on each side at once [default: one for each processor]' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from copy" -l table -d 'Copy these tables and views, with what belongs to them: SCHEMA.TABLE, `*` and `?` (repeatable)' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from copy" -l exclude-table -d 'Leave these tables out, and what cannot be without them (repeatable)' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from copy" -l on-reject -d 'What becomes of a row with a value that does not fit' -r -f -a "stop\t'The copy ends at the first'
skip\t'They are left out, and written to the file of rejects'"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from copy" -l rejects -d 'The file that rows go to which were left out: a line of JSON each' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from copy" -l zero-dates -d 'What becomes of a date of zeros of MySQL and MariaDB' -r -f -a "reject\t'Its row does not fit'
null\t'NULL, where the column may be NULL'"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from copy" -l format -d 'How results are printed [default: table]' -r -f -a "table\t'Aligned columns, for people'
json\t'One JSON document'"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from copy" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from copy" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from copy" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from copy" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from copy" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from copy" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from copy" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from copy" -l schema-only -d 'The schema without any rows'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from copy" -l data-only -d 'The rows alone, into tables that are there and empty'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from copy" -l allow-loss -d 'End well although something could not be carried over: it is listed all the same'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from copy" -l dry-run -l plan -d 'Show the statements, each column\'s type and rule, and what cannot be carried; change nothing'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from copy" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from copy" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from copy" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from copy" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from copy" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from copy" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from copy" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand migrate; and __fish_seen_subcommand_from copy" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l repo -d 'The folder of the repository, or s3://BUCKET/PREFIX; made when it is not there [default: the profile\'s]' -r -f -a "(__fish_complete_directories)"
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l jobs -d 'Read with N sessions at once [default: one for each processor]' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l compression -d 'zstd, gzip or none [default: zstd]' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l encrypt-to -d 'Encrypt for the owner of this key of age, and of each other one that is given [default: the profile\'s]' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l encrypt-to-file -d 'The same for the keys of a file, one a line' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l type -d 'full reads all; incremental not what provably did not change since the newest backup, nor differential since the newest full one [default: full]' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l max-rate -d 'Read no more than so many bytes of rows a second: 20MB, 64KiB' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l table -d 'Take these tables and views, with what belongs to them: SCHEMA.TABLE, `*` and `?` (repeatable)' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l exclude-table -d 'Leave these tables out, and what cannot be without them (repeatable)' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l schema -d 'Take what is in these schemas (repeatable)' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l exclude-schema -d 'Leave out what is in these schemas (repeatable)' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l exclude-data -d 'Take no rows of these tables (repeatable)' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l where -d 'Take the rows of a table for which the condition holds (repeatable)' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l mask -d 'Replace the values of a column: null, hash, fake or constant:VALUE (repeatable)' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l mask-key-env -d 'Mask with the key in this variable, the same in every backup [default: a new key each time]' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l format -d 'How results are printed [default: table]' -r -f -a "table\t'Aligned columns, for people'
json\t'One JSON document'"
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l globals -d 'The roles or accounts of the server too, with the hashes of their passwords'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l paranoid -d 'Read all, whatever the type'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l incomplete -d 'Go on without what this user may not read'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l stdout -d 'Write SQL for the server\'s own client to standard output instead of a repository'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l schema-only -d 'Take no rows at all'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l data-only -d 'Take rows and nothing else'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -a "create" -d 'Back up a database'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -a "list" -d 'List the backups of a repository'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -a "show" -d 'Show what a backup holds'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -a "verify" -d 'Read backups again and compare every byte with its sum'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -a "prune" -d 'Take away old backups, and what no backup needs any more'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -a "diff" -d 'Show what changed between two backups'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -a "check" -d 'Check that backups are young enough and proven, as monitoring wants it'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and not __fish_seen_subcommand_from create list show verify prune diff check schedule" -a "schedule" -d 'Print what makes systemd or cron back up a profile'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l repo -d 'The folder of the repository, or s3://BUCKET/PREFIX; made when it is not there [default: the profile\'s]' -r -f -a "(__fish_complete_directories)"
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l jobs -d 'Read with N sessions at once [default: one for each processor]' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l compression -d 'zstd, gzip or none [default: zstd]' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l encrypt-to -d 'Encrypt for the owner of this key of age, and of each other one that is given [default: the profile\'s]' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l encrypt-to-file -d 'The same for the keys of a file, one a line' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l type -d 'full reads all; incremental not what provably did not change since the newest backup, nor differential since the newest full one [default: full]' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l max-rate -d 'Read no more than so many bytes of rows a second: 20MB, 64KiB' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l table -d 'Take these tables and views, with what belongs to them: SCHEMA.TABLE, `*` and `?` (repeatable)' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l exclude-table -d 'Leave these tables out, and what cannot be without them (repeatable)' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l schema -d 'Take what is in these schemas (repeatable)' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l exclude-schema -d 'Leave out what is in these schemas (repeatable)' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l exclude-data -d 'Take no rows of these tables (repeatable)' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l where -d 'Take the rows of a table for which the condition holds (repeatable)' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l mask -d 'Replace the values of a column: null, hash, fake or constant:VALUE (repeatable)' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l mask-key-env -d 'Mask with the key in this variable, the same in every backup [default: a new key each time]' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l format -d 'How results are printed [default: table]' -r -f -a "table\t'Aligned columns, for people'
json\t'One JSON document'"
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l globals -d 'The roles or accounts of the server too, with the hashes of their passwords'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l paranoid -d 'Read all, whatever the type'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l incomplete -d 'Go on without what this user may not read'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l stdout -d 'Write SQL for the server\'s own client to standard output instead of a repository'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l schema-only -d 'Take no rows at all'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l data-only -d 'Take rows and nothing else'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from list" -l repo -d 'The folder of the repository, or s3://BUCKET/PREFIX [default: the profile\'s]' -r -f -a "(__fish_complete_directories)"
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from list" -l identity -d 'Decrypt with the keys of age of this file [default: the profile\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from list" -l format -d 'How results are printed [default: table]' -r -f -a "table\t'Aligned columns, for people'
json\t'One JSON document'"
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from list" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from list" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from list" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from list" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from list" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from list" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from list" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from list" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from list" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from list" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from list" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from show" -l repo -d 'The folder of the repository, or s3://BUCKET/PREFIX [default: the profile\'s]' -r -f -a "(__fish_complete_directories)"
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from show" -l identity -d 'Decrypt with the keys of age of this file [default: the profile\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from show" -l format -d 'How results are printed [default: table]' -r -f -a "table\t'Aligned columns, for people'
json\t'One JSON document'"
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from show" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from show" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from show" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from show" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from show" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from show" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from show" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from show" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from show" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from show" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from show" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from verify" -l repo -d 'The folder of the repository, or s3://BUCKET/PREFIX [default: the profile\'s]' -r -f -a "(__fish_complete_directories)"
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from verify" -l identity -d 'Decrypt with the keys of age of this file [default: the profile\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from verify" -l scratch -d 'The server where a database may be made for a moment [default: the default profile]' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from verify" -l jobs -d 'Work with N threads or sessions at once [default: one for each processor]' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from verify" -l format -d 'How results are printed [default: table]' -r -f -a "table\t'Aligned columns, for people'
json\t'One JSON document'"
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from verify" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from verify" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from verify" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from verify" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from verify" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from verify" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from verify" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from verify" -l restore -d 'Prove the backup by restoring it'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from verify" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from verify" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from verify" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from verify" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from verify" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from prune" -l repo -d 'The folder of the repository, or s3://BUCKET/PREFIX [default: the profile\'s]' -r -f -a "(__fish_complete_directories)"
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from prune" -l keep-last -d 'Keep the newest N backups' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from prune" -l keep-daily -d 'Keep the newest backup of each of N days' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from prune" -l keep-weekly -d 'Keep the newest backup of each of N weeks' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from prune" -l keep-monthly -d 'Keep the newest backup of each of N months' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from prune" -l keep-yearly -d 'Keep the newest backup of each of N years' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from prune" -l format -d 'How results are printed [default: table]' -r -f -a "table\t'Aligned columns, for people'
json\t'One JSON document'"
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from prune" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from prune" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from prune" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from prune" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from prune" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from prune" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from prune" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from prune" -l dry-run -d 'Say what would be taken away, and take nothing'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from prune" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from prune" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from prune" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from prune" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from prune" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from prune" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from prune" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from prune" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from diff" -l repo -d 'The folder of the repository, or s3://BUCKET/PREFIX [default: the profile\'s]' -r -f -a "(__fish_complete_directories)"
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from diff" -l identity -d 'Decrypt with the keys of age of this file [default: the profile\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from diff" -l format -d 'How results are printed [default: table]' -r -f -a "table\t'Aligned columns, for people'
json\t'One JSON document'"
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from diff" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from diff" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from diff" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from diff" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from diff" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from diff" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from diff" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from diff" -l exit-code -d 'Exit with 1 when anything differs'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from diff" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from diff" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from diff" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from diff" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from diff" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from diff" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from diff" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from check" -l repo -d 'The folder of the repository, or s3://BUCKET/PREFIX [default: the profile\'s]' -r -f -a "(__fish_complete_directories)"
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from check" -l identity -d 'Decrypt with the keys of age of this file [default: the profile\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from check" -l max-age -d 'Critical when the newest backup is older: 26h [default: the profile\'s]' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from check" -l warn-age -d 'Warn when the newest backup is older [default: the profile\'s]' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from check" -l proven-within -d 'Warn when no backup was restored and compared for longer: 8d [default: the profile\'s]' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from check" -l format -d 'How results are printed [default: table]' -r -f -a "table\t'Aligned columns, for people'
json\t'One JSON document'"
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from check" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from check" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from check" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from check" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from check" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from check" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from check" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from check" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from check" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from check" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from check" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from check" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from schedule" -l at -d 'When, as the machine\'s clock has it; only the minutes count with --every hour' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from schedule" -l every -d 'How often; weekly is on Sundays' -r -f -a "day\t''
hour\t''
week\t''"
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from schedule" -l as -d 'What is printed' -r -f -a "systemd\t'A service and its timer'
cron\t'A line of a crontab'"
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from schedule" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from schedule" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from schedule" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from schedule" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from schedule" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from schedule" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from schedule" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from schedule" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from schedule" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from schedule" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from schedule" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from schedule" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from schedule" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from schedule" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand backup; and __fish_seen_subcommand_from schedule" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand restore" -l at -d 'With `latest`: the newest backup that was begun at TIME or before. A time without a zone is that of this machine; a day alone means its end' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand restore" -l repo -d 'The folder of the repository, or s3://BUCKET/PREFIX [default: the profile\'s]' -r -f -a "(__fish_complete_directories)"
complete -c dbwright -n "__fish_dbwright_using_subcommand restore" -l identity -d 'Decrypt with the keys of age of this file [default: the profile\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand restore" -l to -d 'The database or server to restore to [default: the default profile, or DATABASE_URL]' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand restore" -l as -d 'Make a database of this name on the server, and restore into it' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand restore" -l jobs -d 'Work with N sessions at once [default: one for each processor]' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand restore" -l table -d 'Only tables that match, with what belongs to them: TABLE, SCHEMA.TABLE, or with * and ?' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand restore" -l format -d 'How results are printed [default: table]' -r -f -a "table\t'Aligned columns, for people'
json\t'One JSON document'"
complete -c dbwright -n "__fish_dbwright_using_subcommand restore" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand restore" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand restore" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand restore" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand restore" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand restore" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand restore" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand restore" -l no-privileges -d 'Without owners and grants'
complete -c dbwright -n "__fish_dbwright_using_subcommand restore" -l globals -d 'The roles or accounts of the backup too, those that the server does not have'
complete -c dbwright -n "__fish_dbwright_using_subcommand restore" -l schema-only -d 'The schema without any rows'
complete -c dbwright -n "__fish_dbwright_using_subcommand restore" -l data-only -d 'The rows alone, into tables that are there'
complete -c dbwright -n "__fish_dbwright_using_subcommand restore" -l clean -d 'Drop first what is there: everything, or the tables of --table, or with --data-only their rows'
complete -c dbwright -n "__fish_dbwright_using_subcommand restore" -l allow-loss -d 'Go on although data is lost for good'
complete -c dbwright -n "__fish_dbwright_using_subcommand restore" -l dry-run -d 'Say what would be done, and do nothing'
complete -c dbwright -n "__fish_dbwright_using_subcommand restore" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand restore" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand restore" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand restore" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand restore" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand restore" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand restore" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand completions" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand completions" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand completions" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand completions" -l format -d 'How results are printed [default: table]' -r -f -a "table\t'Aligned columns, for people'
csv\t'Comma-separated values (RFC 4180)'
tsv\t'Tab-separated values in PostgreSQL\'s COPY text conventions'
json\t'One JSON document'
ndjson\t'One JSON object a line'
markdown\t'A Markdown table'
expanded\t'One line a column, for wide rows'"
complete -c dbwright -n "__fish_dbwright_using_subcommand completions" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand completions" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand completions" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand completions" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand completions" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand completions" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand completions" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand completions" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand completions" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand completions" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand completions" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dbwright -n "__fish_dbwright_using_subcommand man" -l dir -d 'Write a page for each command into this folder' -r -f -a "(__fish_complete_directories)"
complete -c dbwright -n "__fish_dbwright_using_subcommand man" -l config -d 'Read profiles from FILE [default: dbwright.toml here or above, then the user\'s]' -r -F
complete -c dbwright -n "__fish_dbwright_using_subcommand man" -l profile -d 'Use the profile NAME' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand man" -l url -d 'Use the database at URL' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand man" -l format -d 'How results are printed [default: table]' -r -f -a "table\t'Aligned columns, for people'
csv\t'Comma-separated values (RFC 4180)'
tsv\t'Tab-separated values in PostgreSQL\'s COPY text conventions'
json\t'One JSON document'
ndjson\t'One JSON object a line'
markdown\t'A Markdown table'
expanded\t'One line a column, for wide rows'"
complete -c dbwright -n "__fish_dbwright_using_subcommand man" -l log-format -d 'How messages on standard error are written' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c dbwright -n "__fish_dbwright_using_subcommand man" -l yes-on -d 'Allow changes on the protected profile PROFILE' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand man" -l timeout -d 'End a statement that takes longer, such as 500ms, 30s or 5m' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand man" -l lock-timeout -d 'Wait no longer than this for a lock' -r
complete -c dbwright -n "__fish_dbwright_using_subcommand man" -l json -d 'The same as --format json'
complete -c dbwright -n "__fish_dbwright_using_subcommand man" -s q -l quiet -d 'Say only what went wrong'
complete -c dbwright -n "__fish_dbwright_using_subcommand man" -s v -l verbose -d 'Say more: the SQL that is sent, without values; -vv says still more'
complete -c dbwright -n "__fish_dbwright_using_subcommand man" -l wide -d 'Cut nothing to fit the terminal'
complete -c dbwright -n "__fish_dbwright_using_subcommand man" -l no-color -d 'No colours (also NO_COLOR)'
complete -c dbwright -n "__fish_dbwright_using_subcommand man" -l no-progress -d 'No progress bars'
complete -c dbwright -n "__fish_dbwright_using_subcommand man" -s y -l yes -d 'Answer yes where a person would be asked'
complete -c dbwright -n "__fish_dbwright_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
