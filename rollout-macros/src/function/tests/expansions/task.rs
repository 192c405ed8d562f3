// #[task(crate = deps::rollout)]
// async fn plan(goal: Goal) {
//     goal.split().await
// }

async fn plan(goal: Goal) {
    let mut __rollout_call = deps::rollout::__private::Prepared::new(
            const {
                &deps::rollout::__private::Site::new(
                    deps::rollout::__private::Kind::Span("task"),
                    "plan",
                )
            },
            |__rollout_opening| {},
        )
        .open();
    let __rollout_result = __rollout_call
        .run_async(async move {
            if false {
                return;
            }
            goal.split().await
        })
        .await;
    deps::rollout::__private::outcome!(__rollout_call, & __rollout_result);
    __rollout_call.end();
    __rollout_result
}
