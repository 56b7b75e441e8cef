import { readPhrases } from './read-phrases.ts';

/**
 * Phrases that nothing of the search was chosen with: they say how well it does with those of others. Of 120 that were written before the
 * search was read, half as a person would say it and half as a model types it, these are the 60 that the lot held back. They were measured
 * three times (as it was, once in between, at the end), the misses unseen. Then those of the first catalogue were looked at, and nothing
 * was changed for them; of the others nobody knows which are missed. Whoever looks makes them phrases to tune with, and writes others.
 */
export const heldBackPhrases = readPhrases(`
find scientific papers about protein folding = firecrawl__firecrawl_research_search_papers
find a youtube tutorial = brave-search__brave_video_search
why is this mongo query slow = mongodb__explain, mongodb__atlas-get-performance-advisor
drive from Berlin to Hamburg, how do I go = google-maps__maps_directions, mapbox__directions_tool
kill the program with pid 4312 = desktop-commander__kill_process, desktop-commander__force_terminate
which region can I reach within 15 minutes by bike = mapbox__isochrone_tool
how large is this file and when was it changed = desktop-commander__get_file_info, filesystem__get_file_info
simulate a slow 3G connection on a phone = chrome-devtools__emulate
remember that Anna works at Siemens = memory__create_entities, memory__add_observations, memory__create_relations
commit several files at once = github-npm__push_files
is my site accessible, check seo score = chrome-devtools__lighthouse_audit
alert me when this webpage changes = firecrawl__firecrawl_monitor_create
forget everything about Bob = memory__delete_entities, memory__delete_observations
get text of an article at a link = firecrawl__firecrawl_scrape, desktop-commander__read_file
did the unit tests pass on the last run = circleci__get_job_test_results
see what the container printed = kubernetes__kubectl_logs
lat lng for street address = google-maps__maps_geocode, mapbox__search_and_geocode_tool
show me the http calls the site made = chrome-devtools__list_network_requests
PR approve = github-npm__create_pull_request_review
show the folder structure = filesystem__directory_tree, desktop-commander__list_directory
log a call with a customer in the CRM = hubspot__hubspot-create-engagement
why does my web app leak memory = chrome-devtools__take_heapsnapshot
best order to visit ten stops = mapbox__optimization_tool
run shell command = desktop-commander__start_process
which fields are in the logs index = elasticsearch__get_mappings
make a pdf report = desktop-commander__write_pdf
remove a whole mongo table = mongodb__drop-collection
add a new row to the customers base = airtable__create_record
find photos of the Eiffel tower = brave-search__brave_image_search, firecrawl__firecrawl_search
find contacts with a gmail address in the crm = hubspot__hubspot-search-objects
`);

/** The same, of `moreServers`. */
export const moreHeldBackPhrases = readPhrases(`
save a value under a key = cloudflare__kv_put
why did the app crash = mobile__mobile_list_crashes, mobile__mobile_get_crash
go back to the former version of my worker = cloudflare__version_rollback
is my database secure = supabase__get_advisors
leave a remark on the notion page = notion__API-create-a-comment
stop the project to save money = supabase__pause_project
find a date picker component = shadcn__search_items_in_registries, shadcn__get_item_examples_from_registries, shadcn__list_items_in_registries
mark todo as done = task-master__set_task_status
start an n8n automation now = n8n__n8n_test_workflow
what was said in #general today = slack__slack_get_channel_history
find a speech recognition model = huggingface__hub_repo_search, huggingface__hf_fs
what should I work on now = task-master__next_task
api error logs supabase = supabase__query_logs
postgres run query = postgres__query, supabase__execute_sql
react with thumbs up = slack__slack_add_reaction
tap the login button on the phone = mobile__mobile_click_on_screen_at_coordinates
schedule a worker to run hourly = cloudflare__cron_create, cloudflare__cron_update
download all pages of a website = tavily__tavily_crawl
bundle the repo into one file for the model = repomix__pack_codebase, repomix__pack_remote_repository
run the unit tests in the simulator = xcodebuild__test_sim
turn the requirements doc into todos = task-master__parse_prd
filter rows of a notion table = notion__API-query-data-source
shopify api how to = shopify-dev__search_docs_chunks, shopify-dev__learn_shopify_api
tell the team channel that the release is done = slack__slack_post_message
upload a file to object storage = cloudflare__r2_put_object
break this todo into smaller steps = task-master__expand_task
answer in the slack thread = slack__slack_reply_to_thread
write a new notion doc = notion__API-post-page
scroll down in the app = mobile__mobile_swipe_on_screen
add a paragraph at the end of the notion page = notion__API-patch-block-children, notion__API-update-page-markdown
`);

/** Servers of a third catalogue, of 304 tools, most of them of one server and much alike. */
export const strangeServers = [
  'everything',
  'exa',
  'gitlab',
  'perplexity',
  'playwright',
  'puppeteer',
  'tavily',
] as const;

/** Written when most of the words had been chosen, of servers that they were not chosen for, and held back as well. */
export const strangePhrases = readPhrases(`
open an MR for my branch = gitlab__create_merge_request
accept the merge request = gitlab__approve_merge_request, gitlab__merge_merge_request
which files did this MR touch = gitlab__list_merge_request_changed_files, gitlab__get_merge_request_diffs, gitlab__list_merge_request_diffs
does the merge request clash with main = gitlab__get_merge_request_conflicts
reply to a reviewer on the MR = gitlab__create_merge_request_discussion_note, gitlab__create_merge_request_note, gitlab__create_note
who wrote this line of code = gitlab__get_file_blame
compare two branches = gitlab__get_branch_diffs
read a source file from the repo = gitlab__get_file_contents
commit several files together = gitlab__push_files
start a pipeline on the branch = gitlab__create_pipeline, gitlab__trigger_pipeline
run the failed pipeline again = gitlab__retry_pipeline, gitlab__retry_pipeline_job
why did the ci job break, show its output = gitlab__get_pipeline_job_output
abort the running build = gitlab__cancel_pipeline, gitlab__cancel_pipeline_job
results of the tests in ci = gitlab__get_pipeline_test_report, gitlab__get_pipeline_test_report_summary
is my .gitlab-ci.yml valid = gitlab__validate_ci_lint, gitlab__validate_project_ci_lint
get build output files = gitlab__download_job_artifacts, gitlab__get_job_artifact_file, gitlab__list_job_artifacts
build every night automatically = gitlab__create_pipeline_schedule
report a bug = gitlab__create_issue
tickets assigned to me = gitlab__my_issues, gitlab__list_issues
link two tickets = gitlab__create_issue_link
give the issue a thumbs up = gitlab__create_issue_emoji_reaction
new tag for issues, red colour = gitlab__create_label
write a page in the wiki = gitlab__create_wiki_page, gitlab__create_group_wiki_page
nobody may push to main directly = gitlab__protect_branch
who is in this project = gitlab__list_project_members
what is left on my todo list = gitlab__list_todos
shut down old review apps = gitlab__stop_stale_environments, gitlab__delete_review_app_environments, gitlab__stop_environment
which account am I logged in with = gitlab__whoami
go to example.com = playwright__browser_navigate, puppeteer__puppeteer_navigate
screenshot web page = playwright__browser_take_screenshot, puppeteer__puppeteer_screenshot
execute js on page = playwright__browser_evaluate, puppeteer__puppeteer_evaluate, playwright__browser_run_code_unsafe
choose a country from the dropdown = playwright__browser_select_option, puppeteer__puppeteer_select
save the page as a pdf document = playwright__browser_pdf_save
delete all cookies = playwright__browser_cookie_clear
test the site offline = playwright__browser_network_state_set
switch to dark mode = playwright__browser_emulate_media
fake the answer of an api in the browser = playwright__browser_route
attach a file to the upload form = playwright__browser_file_upload, playwright__browser_drop
scroll down = playwright__browser_mouse_wheel
search the web = tavily__tavily_search, exa__web_search_exa, perplexity__perplexity_search, perplexity__perplexity_ask
`);
