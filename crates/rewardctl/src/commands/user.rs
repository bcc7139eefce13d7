//! `rewardctl user`.

use rewardctl_core::review::role::Role;
use rewardctl_core::review::token::{Kept, RANDOM_BYTES, token};
use rewardctl_store::open::Store;
use rewardctl_store::people::Person;
use serde_json::json;

use crate::cli::JsonArgs;
use crate::cli::people::{RoleArg, UserAddArgs, UserCommand, UserRemoveArgs};
use crate::commands::people::{clock, own_name};
use crate::commands::{block_on, print_json, print_line};
use crate::exit::{Exit, Failure};
use crate::locate::{self, StorePlace};
use crate::report::table;
use crate::settings::Settings;
use crate::show::{printable, say};

/// Adds, lists or removes users.
pub fn run(command: &UserCommand, settings: &Settings) -> Result<Exit, Failure> {
    match command {
        UserCommand::Add(args) => add(args, settings),
        UserCommand::List(args) => list(args, settings),
        UserCommand::Remove(args) => remove(args, settings),
    }
}

/// Makes a token of random bytes.
pub fn new_token() -> Result<(String, Kept), Failure> {
    let mut random = [0; RANDOM_BYTES];
    getrandom::fill(&mut random).map_err(Failure::machine)?;
    Ok(token(&random))
}

/// Opens the store that users are kept in, making it if it is missing.
async fn users_store(settings: &Settings) -> Result<Store, Failure> {
    match locate::store(settings)? {
        StorePlace::File(path) => Ok(Store::open(&path).await?),
        StorePlace::None => Err(Failure::refused(
            "there is no store to keep users in: the settings say `none`",
            "`--store FILE` names one",
        )),
    }
}

fn add(args: &UserAddArgs, settings: &Settings) -> Result<Exit, Failure> {
    let (text, kept) = new_token()?;
    let person = Person { name: args.name.clone(), role: args.role.into() };
    block_on(async {
        let store = users_store(settings).await?;
        store.add_user(&person, &kept, &own_name(None, settings), &clock()).await?;
        store.close().await;
        Ok(())
    })?;
    match args.json {
        true => print_json(&json!({ "name": person.name, "role": person.role, "token": text }))?,
        false => {
            say(format!("added {} as {}; this token is shown once:", person.name, person.role.name()));
            print_line(&text)?;
        }
    }
    Ok(Exit::Done)
}

fn list(args: &JsonArgs, settings: &Settings) -> Result<Exit, Failure> {
    let users = block_on(async {
        let store = users_store(settings).await?;
        let users = store.users().await?;
        store.close().await;
        Ok(users)
    })?;
    if args.json {
        print_json(&users)?;
    } else if users.is_empty() {
        print_line("There are no users; `rewardctl user add NAME --role reviewer` adds one.")?;
    } else {
        let rows = users
            .iter()
            .map(|user| vec![printable(&user.name, 64), user.role.name().to_owned(), user.token_id.clone()]);
        print_line(&table(&["name", "role", "token begins with rwd_"], rows.collect()))?;
    }
    Ok(Exit::Done)
}

fn remove(args: &UserRemoveArgs, settings: &Settings) -> Result<Exit, Failure> {
    block_on(async {
        let store = users_store(settings).await?;
        store.remove_user(&args.name, &own_name(None, settings), &clock()).await?;
        store.close().await;
        Ok(())
    })?;
    say(format!("removed {}; what they said stays", printable(&args.name, 64)));
    Ok(Exit::Done)
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Viewer => Self::Viewer,
            RoleArg::Reviewer => Self::Reviewer,
            RoleArg::Curator => Self::Curator,
            RoleArg::Admin => Self::Admin,
            RoleArg::Ingest => Self::Ingest,
        }
    }
}
