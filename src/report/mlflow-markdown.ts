/** Of no meaning within code, neither to Markdown nor to HTML; a colon only where no address follows. */
const harmless = /&#(?:58;(?!\/\/)|(?:95|35|64|126|36|33|123|125|43|45|61|46|41);)(?:&#8203;)?/g

/**
 * A report's Markdown for a run's page: MLflow shows a character reference within code as it is written, so the ones that
 * guard nothing there are resolved.
 */
export const mlflowMarkdown = (markdown: string): string =>
  markdown.replaceAll(/<code>(.*?)<\/code>/g, (code) =>
    code.replaceAll(harmless, (reference) => String.fromCodePoint(Number.parseInt(reference.slice(2), 10))),
  )
