// #[tool]
// async fn rows(table: &str) -> Result<impl Stream<Item = Row>, Error> {
//     open(table).await
// }

async fn rows(table: &str) -> Result<impl Stream<Item = Row>, Error> {
    let mut __rollout_call = ::rollout::__private::Prepared::new(
            const {
                &::rollout::__private::Site::new(
                        ::rollout::__private::Kind::Tool,
                        "rows",
                    )
                    .input(true)
                    .output(true)
            },
            |__rollout_opening| {
                __rollout_opening
                    .argument("table", ::rollout::__private::capture!(& table));
            },
        )
        .open();
    let __rollout_result = __rollout_call
        .run_async(async move {
            if false {
                return ::rollout::__private::never::<Result<_, Error>>();
            }
            open(table).await
        })
        .await;
    match __rollout_result {
        ::core::result::Result::Ok(__rollout_value) => {
            ::core::result::Result::Ok(
                __rollout_call
                    .stream(__rollout_value, ::rollout::__private::note_item!()),
            )
        }
        ::core::result::Result::Err(__rollout_error) => {
            ::rollout::__private::failure!(__rollout_call, & __rollout_error);
            __rollout_call.end();
            ::core::result::Result::Err(__rollout_error)
        }
    }
}
