// In a file of its own, so that the page needs no inline script.
window.ui = SwaggerUIBundle({
  url: 'doc.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
});
