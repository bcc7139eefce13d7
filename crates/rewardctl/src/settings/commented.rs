//! The settings file that `rewardctl init` writes.

use crate::settings::SETTINGS;

/// Returns a settings file with every setting at its default, commented out and explained.
pub fn commented_file() -> String {
    let mut text =
        String::from("# Settings of rewardctl. A flag or an environment variable goes before this file.\n");
    let mut table = "";
    for setting in SETTINGS {
        let (prefix, name) = setting.key.split_once('.').unwrap_or(("", setting.key));
        if prefix != table {
            text.push_str(&format!("\n[{prefix}]\n"));
            table = prefix;
        }
        text.push_str(&format!(
            "\n# {} ({})\n# {name} = {}\n",
            setting.help, setting.variable, setting.default
        ));
    }
    text.push_str(RULES_COMMENT);
    text
}

const RULES_COMMENT: &str = r#"
# What the rules are told; docs/rules.md has every rule with its formula.

# [rules.banned-terms]
# terms = ["guaranteed returns"]
# patterns = ['(?i)\brisk[- ]free\b']

# [rules.required-terms]
# terms = ["Terms apply"]

# [rules.links]
# policy = "hosts" # allowed, forbidden or hosts
# hosts = ["example.com"]

# [rules.code]
# policy = "forbidden"

# Endpoints for LLM critics and candidates: any server that speaks OpenAI's chat completions. The key stays in the
# environment.

# [endpoints.main]
# base-url = "https://api.openai.com/v1" # or http://localhost:8000/v1 and the like
# model = "gpt-4o-mini"
# api-key-env = "OPENAI_API_KEY"
# concurrency = 32          # calls in flight at most
# timeout-s = 120           # of one call
# attempts = 5              # of one call
# requests-per-minute = 500 # otherwise learnt from the endpoint
# tokens-per-minute = 200000
# price = { input = "0.15", output = "0.60" } # US dollars a million tokens; otherwise the price table says

# What `rewardctl gate` asks of responses; docs/gate.md has every setting.

# [gate]
# alpha = 0.05      # the chance of a wrong pass, and of a wrong fail
# pass-if = "shown" # shown, observed or not-refuted

# [[gate.rule]]
# min-mean = 0.7
# max-regression = 0.02 # against --baseline
# max-fail-rate = 0.02

# [[gate.rule]]
# dimension = "compliance"
# min-quantile = { share = 0.1, score = 0.5 }

# What LLM critics are asked stands in `prompts/` beside this file; an edit makes a new critic. docs/critics.md
# tells what each field means.

# Keys of `rewardctl review` and of the page; `rewardctl review --keys` shows them all.

# [keys.choose]
# left = ["1", "h"]
"#;
