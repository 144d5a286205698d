'use strict';

SwaggerUIBundle({ url: '/swagger/doc.json', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null });
